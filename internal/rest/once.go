package rest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/wire"
)

// once does a writing call that carries an idempotency key at most once: the same key with the same call is answered with the
// saved answer, with another call it is refused. Without a key the call is simply done; everything that is written here is idempotent by
// itself. target is what the address names beside the operation.
func once[T any](ctx context.Context, s *Server, in *BodyInput, target string, do func() (*T, error)) (*T, error) {
	if in.IdempotencyKey == "" {
		return do()
	}
	if err := wire.CheckID("Idempotency-Key", in.IdempotencyKey); err != nil {
		return nil, s.fail(err)
	}
	call := caller(ctx)
	scope := call.key.ID + " " + call.operation
	hash := sha256.Sum256(fmt.Appendf(nil, "%q %s", target, in.RawBody))
	saved, found, err := s.intake.Claim(ctx, scope, in.IdempotencyKey, hash[:])
	if errors.Is(err, intake.ErrConflict) {
		return nil, newProblem(keyReused, ProblemError{
			Field: "Idempotency-Key", Reason: "the key came with another call before",
			Fix: "choose a new key for each call; send the same bytes where it is the same call",
		})
	}
	if err != nil {
		return nil, s.fail(err)
	}
	if found && saved != nil {
		out := new(T)
		if err := json.Unmarshal(saved, out); err != nil {
			return nil, s.fail(err)
		}
		return out, nil
	}
	// A key that was claimed and not answered belongs to a call that broke off or was refused: doing it again is harmless.
	out, err := do()
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return nil, s.fail(err)
	}
	if err := s.intake.Answer(ctx, scope, in.IdempotencyKey, answer); err != nil {
		return nil, s.fail(err)
	}
	return out, nil
}

// typed is what once needs of a call whose body was read already: two bodies with the same contents are the same call.
func typed(key string, body any) *BodyInput {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // a body that came as JSON has a JSON form
	}
	return &BodyInput{key, text}
}
