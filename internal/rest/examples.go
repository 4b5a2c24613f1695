package rest

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/rest/call"
)

// examples puts an example of a body into the description of each writing call.
func examples(api huma.API) {
	for path, body := range map[string]string{
		"/v1/orders:batch": `{"order":"A-1","event":"placed","at":"2026-03-10T11:00:00Z","program":"tr","visitor":"v-7","buyer":{"id":"b-3","new":false},"ship_to":"TR","currency":"USD","items":[{"item":"1","product":"1005006","store":"s-1","category":"toys","amount":"25.90"}]}
{"order":"A-1","event":"paid","at":"2026-03-10T11:02:00Z","program":"tr"}
`,
		"/v1/orders/{order}/events": `{"order":"A-1","event":"completed","at":"2026-03-20T08:00:00Z","program":"tr"}
`,
		"/v1/clicks:import": `{"click":"c-1","at":"2026-03-10T10:00:00Z","program":"tr","visitor":"v-7","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"product","product":"1005006"}}
`,
		"/v1/ad-spaces:import": `{"publisher":"ann","ad_space":"blog","program":"tr","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","tracking_ids":["t1"],"coupons":["ANN10"]}
`,
		"/v1/products:import": `{"product":"1005006","store":"s-1","category":"toys","affiliate":true}
`,
		"/v1/stores:import": `{"store":"s-1","name":"A store","lists":[]}
`,
		"/v1/fx:import": `{"date":"2026-01-05","base":"EUR","quote":"USD","rate":"1.0832"}
`,
	} {
		api.OpenAPI().Paths[path].Post.RequestBody.Content[call.LinesMedia].Example = body
	}
	bodies := map[string]string{
		"add-case-evidence":      `{"kind":"figure","text":"9,000 clicks"}`,
		"add-case-items":         `{"items":[{"order":"8100237","item":"1"}]}`,
		"announce":               `{"audience":{"kind":"publisher","publisher":"ann"},"titles":{"en":"Payouts"},"texts":{"en":"They come late."}}`,
		"answer-application":     `{"publisher":"ann","answer":"This one."}`,
		"answer-ticket":          `{"text":"We look into it."}`,
		"appeal-case":            `{"text":"look again"}`,
		"appeal-order":           `{"program":"global-eu","item":"1","text":"why?"}`,
		"apply":                  `{"program":"global-eu","ad_space":"news"}`,
		"approve-payout-run":     `{"payments":3,"total":"120.50"}`,
		"assign-ticket":          `{"person":"Ida"}`,
		"block-sub-publisher":    `{"reason":"bots"}`,
		"cancel-payout-run":      `{"reason":"not yet"}`,
		"check-keywords":         `{"text":"cheap shoes","list":false}`,
		"check-links":            `{"addresses":["https://aff.example/e/abc"],"ship_to":"TR"}`,
		"decide-application":     `{"state":"question","note":"Which pages?"}`,
		"decide-case":            `{"sanctions":["deduction"],"reason":"bots","note":"no reader clicks so"}`,
		"decide-ticket":          `{"verdict":"agreed","text":"Welcome."}`,
		"end-campaign":           `{"campaign":"Spring"}`,
		"exclude-payout":         `{"publisher":"ann","reason":"asked to wait"}`,
		"invite-member":          `{"email":"new@example.org","role":"reader"}`,
		"make-app":               `{"name":"Reports","scopes":["read"]}`,
		"make-links":             `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`,
		"make-test-order":        `{"order":"t-1","program":"global-eu","publisher":"ann","amount":"10.00"}`,
		"move-sandbox-clock":     `{"hours":1}`,
		"open-case":              `{"program":"global-eu","publisher":"ann","category":"bots","items":[{"order":"8100237"}],"evidence":[{"kind":"text","text":"many clicks at night"}]}`,
		"open-seller-ticket":     `{"kind":"other","subject":"Rates","text":"How?"}`,
		"open-ticket":            `{"kind":"traffic_types","subject":"Both","text":"May I?","traffic_type":"social"}`,
		"plan-audit":             `{"subject":"links","every":"daily","now":true}`,
		"plan-campaign":          `{"campaign":"Spring","products":["p"],"rate":"12","from":"2026-09-20","to":"2026-09-25"}`,
		"put-ad-space":           `{"kind":"blog","name":"Blog","url":"https://blog.example/","traffic_type":"content","languages":["en"]}`,
		"put-endpoint":           `{"kind":"webhook","address":"https://ann.example/in","events":["action.approved"]}`,
		"put-manager":            `{"name":"Ida","email":"ida@example.org"}`,
		"put-profile":            `{"audience":"students","sources":"search","methods":["reviews"],"languages":["en"]}`,
		"put-sub-publisher":      `{"parent":"net","name":"Site","site":"https://site.example/","traffic_type":"content"}`,
		"replay-deliveries":      `{"since":"2026-01-01T00:00:00Z"}`,
		"reply-to-seller-ticket": `{"text":"And?"}`,
		"reply-to-ticket":        `{"text":"And?"}`,
		"send-again":             `{"message":"evt_5c1a"}`,
		"set-endpoint-state":     `{"state":"on"}`,
		"set-link-state":         `{"state":"revoked"}`,
		"set-member-role":        `{"role":"member"}`,
		"set-participation":      `{"takes_part":false}`,
		"set-store-rate":         `{"product":"p","rate":"7.5"}`,
		"start-payout-run":       `{"program":"global-eu","way":"manual","publishers":["ann"]}`,
		"step-case":              `{"step":"hold"}`,
		"step-test-order":        `{"program":"global-eu","event":"paid"}`,
		"verify-ad-space":        `{"method":"file"}`,
		"withdraw":               `{"program":"portals-session","amount":"50.00"}`,
		"withdraw-proposal":      `{"reason":"a mistake"}`,
		"write-in-case":          `{"text":"these were readers"}`,
	}
	for _, path := range api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{path.Post, path.Put} {
			if op == nil || bodies[op.OperationID] == "" {
				continue
			}
			var value any
			if json.Unmarshal([]byte(bodies[op.OperationID]), &value) == nil { // a test reads all of them
				op.RequestBody.Content["application/json"].Example = value
			}
		}
	}
}
