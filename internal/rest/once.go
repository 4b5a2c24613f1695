package rest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
)

// once does a call that carries an idempotency key at most once: the same key with the same body is answered with the saved
// answer, with another body it is refused. Without a key the call is simply done; order events are idempotent by themselves.
func once(ctx context.Context, s *Server, scope, key string, body []byte, do func() (*outcomes, error)) (*outcomes, error) {
	if key == "" {
		return do()
	}
	scope = ctx.Value(keyOf{}).(*Key).ID + " " + scope
	hash := sha256.Sum256(body)
	saved, found, err := s.intake.Claim(ctx, scope, key, hash[:])
	if err != nil {
		return nil, s.fail(err)
	}
	if found && saved != nil {
		out := &outcomes{}
		if err := json.Unmarshal(saved, &out.Body); err != nil {
			return nil, s.fail(err)
		}
		return out, nil
	}
	// A key that was claimed and not answered belongs to a call that broke off: doing it again is harmless.
	out, err := do()
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(out.Body)
	if err != nil {
		return nil, s.fail(err)
	}
	if err := s.intake.Answer(ctx, scope, key, answer); err != nil {
		return nil, s.fail(err)
	}
	return out, nil
}
