package trust

import "fmt"

// Traffic is a publisher's clicks and actions in a program on a day.
type Traffic struct{ Clicks, Actions int64 }

// Critical are the limits of critical traffic (F2).
type Critical struct {
	ManyClicks   int64 // more than so many clicks a day …
	LeastPerMill int64 // … with fewer actions than this of a thousand clicks
	IdleClicks   int64 // more than so many clicks a day without an action
}

// CriticalTraffic are the limits of rule F2: more than 5,000 clicks a day with a CR below 0.3 %, more than 1,000 without an action.
func CriticalTraffic() Critical { return Critical{ManyClicks: 5000, LeastPerMill: 3, IdleClicks: 1000} }

// Judge says which indicator a day's traffic meets and what was counted, "" where none.
func (c Critical) Judge(t Traffic) (indicator, figure string) {
	switch {
	case t.Actions == 0 && t.Clicks > c.IdleClicks:
		return "no_action", fmt.Sprintf("%d clicks in a day, and no action", t.Clicks)
	case t.Clicks > c.ManyClicks && t.Actions*1000 < c.LeastPerMill*t.Clicks:
		return "low_rate", fmt.Sprintf("%d clicks in a day, and %d actions", t.Clicks, t.Actions)
	}
	return "", ""
}
