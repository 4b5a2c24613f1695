package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
)

// prover looks at the pages that the test wrote.
func (c *client) prover() joining.Prover {
	return joining.Prover{
		Page: func(_ context.Context, address string) ([]byte, string, error) {
			page, ok := c.web[address]
			if !ok {
				return nil, "", errors.New("404 Not Found")
			}
			return []byte(page), strings.Split(address, "/")[2], nil
		},
		TXT: func(context.Context, string) ([]string, error) { return nil, nil },
	}
}

// A1, A2, A4: from the description of an ad space to its first link, by the API: with a publisher's own key, and a reviewer's decision.
func TestA2_JoiningByTheAPI(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			c := newClient(t, e.make(t), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
			call := func(key, method, path, body string, want int) string {
				t.Helper()
				status, answer := c.do(c.request(key, method, path, body))
				if status != want {
					t.Fatalf("%s %s: %d %s, want %d", method, path, status, answer, want)
				}
				return answer
			}
			const space = "/v1/publishers/ann/ad-spaces/blog"
			call("ann", "PUT", space, `{"kind":"blog","name":"Blog","url":"https://blog.example/","traffic_type":"content","languages":["english"]}`, 422)
			answer := call("ann", "PUT", space, `{"kind":"blog","name":"Blog","url":"https://blog.example/","traffic_type":"content","languages":["en"]}`, 200)
			if !strings.Contains(answer, "https://blog.example/clickledger-verification.txt") {
				t.Errorf("no instructions: %s", answer)
			}
			call("ann", "POST", "/v1/publishers/ann/applications", `{"program":"global-eu","ad_space":"blog"}`, 422)
			call("ann", "POST", space+"/verify", `{"method":"file"}`, 422)
			c.web = map[string]string{"https://blog.example/clickledger-verification.txt": "proof"}
			call("ann", "POST", space+"/verify", `{"method":"file"}`, 200)
			call("ann", "PUT", "/v1/publishers/ben/ad-spaces/blog", `{"kind":"blog","name":"Blog","url":"https://blog.example/","traffic_type":"content","languages":["en"]}`, 403)
			call("ann", "GET", "/v1/publishers/ben/ad-spaces", "", 403)
			var a applicationView
			if err := json.Unmarshal([]byte(call("ann", "POST", "/v1/publishers/ann/applications", `{"program":"global-eu","ad_space":"blog"}`, 200)), &a); err != nil || a.State != "pending" {
				t.Fatal(a, err)
			}
			wish := `{"links":[{"program":"global-eu","ad_space":"blog","target":{"kind":"home"}}]}`
			if m := c.make("ann", wish); m.Made != 0 || m.Links[0].Member != "ad_space" {
				t.Errorf("a link before the ad space joined: %+v", m)
			}
			decision := fmt.Sprintf("/v1/applications/%d/decision", a.ID)
			call("ann", "POST", decision, `{"state":"approved","by":"ann"}`, 403)
			call("k", "POST", decision, `{"state":"declined","reason":"dislike","by":"maria"}`, 422)
			call("k", "POST", decision, `{"state":"approved","by":"maria"}`, 200)
			call("k", "POST", decision, `{"state":"approved","by":"maria"}`, 409)
			if m := c.make("ann", wish); m.Made != 1 {
				t.Errorf("no link after the ad space joined: %+v", m)
			}
			if answer := call("ann", "GET", "/v1/applications", "", 200); !strings.Contains(answer, `"state":"approved"`) || !strings.Contains(answer, `"changed_by":"maria"`) {
				t.Error(answer)
			}
			if answer := call("k", "GET", "/v1/applications?state=pending", "", 200); !strings.Contains(answer, `"applications":[]`) {
				t.Error(answer)
			}
		})
	}
}
