package demo

import (
	"hash/fnv"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/store"
)

// Seen is what an edge would have seen of simulated clicks: countries, devices and browsers as they are in the wild, the same for a click
// whenever it is asked (L3). Visits through other channels pass no edge.
func Seen(clicks []*click.Click) []store.Visit {
	countries := []string{"TR", "TR", "TR", "TR", "DE", "DE", "PL", "RO", "FR", "ES", "GB", "RU", "KZ", "UA", "US", ""}
	browsers := []struct {
		device    record.Device
		agent, os string
	}{
		{record.Mobile, "Chrome", "Android"}, {record.Mobile, "Chrome", "Android"}, {record.Mobile, "Safari", "iOS"}, {record.Desktop, "Chrome", "Windows"},
		{record.Desktop, "Firefox", "Linux"}, {record.Desktop, "Edge", "Windows"}, {record.Tablet, "Safari", "iPadOS"}, {record.Mobile, "Samsung Browser", "Android"},
	}
	visits := make([]store.Visit, 0, len(clicks))
	for _, c := range clicks {
		if c.Channel != click.Affiliate {
			continue
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(c.ID)) // a hash never fails
		dice := h.Sum64()
		b := browsers[dice>>8%uint64(len(browsers))]
		v := store.Visit{
			Program: c.Program, Click: c.ID, At: c.At, Publisher: c.Publisher, Repeat: 1, Consent: record.ConsentGranted.String(), Country: countries[dice%uint64(len(countries))],
			Device: b.device.String(), Agent: b.agent, OS: b.os, Referrer: c.AdSpace + ".example/",
		}
		one := func(reasons ...record.Reason) { v.Reason = reasons[dice>>16%uint64(len(reasons))].String() }
		switch c.Verdict {
		case click.Bot:
			one(record.KnownBot, record.HTTPClient, record.Head)
			v.Device, v.Agent, v.OS, v.Referrer, v.Consent = record.Robot.String(), "Bot", "", "", record.ConsentUnknown.String()
		case click.Duplicate:
			one(record.Flood)
			v.Repeat = 30 + int(dice%40)
		case click.CookieStuffing:
			one(record.Frame, record.Image)
		case click.Blocked:
			one(record.SpaceBlocked)
		}
		visits = append(visits, v)
	}
	return visits
}
