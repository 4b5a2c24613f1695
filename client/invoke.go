package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

//go:generate go test ../internal/rest -run OpenAPI -count=1 -write

// An Operation is a call of the API: its method (with ! behind it where it answers with a secret), its path and the content type of its body. The constants of this type are all calls
// that there are, as docs/openapi.yaml describes them.
type Operation string

// Params are the parameters of a call by name: those of its path, and the others for its query.
type Params map[string]string

// Invoke makes any call. body is the members of a JSON body, or bytes that are sent as they are; nil where the call has none. out is
// what a JSON answer is read into, a *[]byte for an answer that is a file, or nil. As with the other calls, it is sent again where that is
// safe.
func (c *Client) Invoke(ctx context.Context, op Operation, p Params, body, out any) error {
	parts := strings.Fields(string(op))
	if len(parts) < 2 {
		return fmt.Errorf("%q is not an operation", string(op))
	}
	r := request{query: url.Values{}}
	r.method, r.single = strings.CutSuffix(parts[0], "!")
	used := make(map[string]bool)
	for part := range strings.SplitSeq(parts[1], "/") {
		if part == "" {
			continue
		}
		name, ok := strings.CutPrefix(part, "{")
		if name = strings.TrimSuffix(name, "}"); ok {
			if p[name] == "" {
				return fmt.Errorf("%s: the parameter %q is missing", parts[1], name)
			}
			used[name], part = true, url.PathEscape(p[name])
		}
		r.path += "/" + part
	}
	for name, value := range p {
		if !used[name] {
			set(r.query, name, value)
		}
	}
	if len(parts) > 2 && body != nil {
		r.media = parts[2]
	}
	switch b := body.(type) {
	case nil:
	case []byte:
		r.body = b
	default:
		var err error
		if r.body, err = json.Marshal(b); err != nil {
			return fmt.Errorf("the body of %s: %w", parts[1], err)
		}
	}
	if out == nil {
		out = new([]byte)
	}
	return c.do(ctx, r, out)
}
