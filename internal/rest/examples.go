package rest

import (
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
}
