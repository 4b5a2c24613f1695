package people

import (
	"time"

	"github.com/clickledger/clickledger/internal/app/people/attempts"
)

// The limits. Guesses at one account from networks that its person never signed in from share a limit, so that strangers can neither guess for long
// nor lock the person out where it is at home.
func perAccount() attempts.Rate    { return attempts.Rate{Burst: 20, Interval: time.Minute} }      // from strangers' networks together
func perAccountNet() attempts.Rate { return attempts.Rate{Burst: 8, Interval: 2 * time.Minute} }   // from one network
func perNetwork() attempts.Rate    { return attempts.Rate{Burst: 60, Interval: 20 * time.Second} } // at all accounts together
func perCode() attempts.Rate       { return attempts.Rate{Burst: 5, Interval: 5 * time.Minute} }   // second factors of one account
func perMail() attempts.Rate       { return attempts.Rate{Burst: 4, Interval: 15 * time.Minute} }  // e-mails that anybody can ask for, to one address
func perForm() attempts.Rate       { return attempts.Rate{Burst: 20, Interval: time.Minute} }      // sign-ups and resets from one network

// limit takes an attempt from several limits; the first that is used up refuses.
func (s *Service) limit(all ...limited) error {
	for _, l := range all {
		if wait := s.limits.Take(l.key, l.Rate); wait > 0 {
			return &LimitError{wait}
		}
	}
	return nil
}

type limited struct {
	key string
	attempts.Rate
}
