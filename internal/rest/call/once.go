package call

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/wire"
)

// headerOnce carries the idempotency key.
const headerOnce = "Idempotency-Key"

// hashOf is what makes two calls of an operation the same: the address and the bytes of the body.
func hashOf(r *http.Request, body []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s?%s\n", r.URL.EscapedPath(), r.URL.Query().Encode())
	_, _ = h.Write(body) // it never fails
	return h.Sum(nil)
}

// once does a writing call that carries an idempotency key at most once: the same key with the same call is answered with the
// saved answer, with another call it is refused. Without a key the call is simply done.
func once[T any](ctx context.Context, a *API, do func() (*T, error)) (*T, error) {
	c := Of(ctx)
	if c.once == "" {
		return do()
	}
	if err := wire.CheckText(headerOnce, c.once, 255); err != nil {
		return nil, err
	}
	scope := c.Key.ID + " " + c.operation
	saved, found, err := a.saved.Claim(ctx, scope, c.once, c.hash)
	if errors.Is(err, intake.ErrConflict) {
		return nil, NewProblem(keyReused, ProblemError{
			Field: headerOnce, Reason: "the key came with another call before",
			Fix: "choose a new key for each call; send the same bytes where it is the same call",
		})
	}
	if err != nil {
		return nil, err
	}
	if found && saved != nil {
		out := new(T)
		if err := json.Unmarshal(saved, out); err != nil {
			return nil, err
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
		return nil, err
	}
	return out, a.saved.Answer(ctx, scope, c.once, answer)
}
