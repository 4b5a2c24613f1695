package rest

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/store"
)

// foreign is what is not the callers': of publisher bob, and of the seller of the store t.
func (c *counted) foreign() (ids *strings.Replacer, bodies map[string]string) {
	c.t.Helper()
	paid(c.client)
	code := c.make("k", `{"links":[{"program":"global-eu","publisher":"bob","ad_space":"shop","target":{"kind":"home"}}]}`).Links[0].Link.Code
	c.web = verified
	c.must("POST", "/v1/stores:import", `{"store":"s","name":"The shop"}
{"store":"t","name":"Another shop"}`)
	c.must("POST", "/v1/products:import", `{"product":"p","store":"t","category":"c","affiliate":true}`)
	for _, w := range writing(c.t) { // bob's ad space, application and endpoint
		if strings.Contains(w.target, "/ann/") || strings.Contains(w.target, "/applications/1/") {
			asBob := strings.NewReplacer("/ann/", "/bob/", `"ann"`, `"bob"`)
			c.do(c.request("k", w.method, asBob.Replace(w.target), asBob.Replace(w.body)))
		}
	}
	c.subnetwork()
	c.must("PUT", "/v1/publishers/bob/sub-publishers/site-1", `{"parent":"net","name":"Site","site":"https://site.example/","traffic_type":"content"}`)
	atDesk(c.client, desk.Asker{Publisher: "bob"})
	atDesk(c.client, desk.Asker{Seller: orgOther})
	c.must("POST", "/v1/orders:batch", `{"order":"of-t","event":"placed","at":"2026-03-10T11:30:00Z","program":"global-eu","visitor":"w","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"of-t","store":"t","category":"toys","amount":"9.00"},{"item":"2","product":"of-s","store":"s","category":"toys","amount":"7.00"}]}`)
	const hook = `{"kind":"webhook","address":"https://hook.example/in"}`
	c.must("PUT", "/v1/publishers/bob/endpoints/hook", hook)
	as := func(key, method, target, body string) {
		if status, answer := c.do(c.request(key, method, target, body)); status != http.StatusOK {
			c.t.Fatalf("%s %s as %s: %d %s", method, target, key, status, answer)
		}
	}
	as("app-bob-owner", "PUT", "/v1/publishers/bob/profile", `{"audience":"a","sources":"s","methods":["other"],"languages":["en"]}`)
	as("app-bob-owner", "POST", "/v1/invitations", `{"email":"new@example.org","role":"reader"}`)
	as("app-other-owner", "POST", "/v1/stores/t/campaigns", `{"campaign":"Spring","products":["p"],"rate":"12","from":"2026-09-20","to":"2026-09-25"}`)
	suspected := c.caseOf("bob", "o3")
	if _, err := c.cases().SayWith(c.t.Context(), suspected, "maria", "look", cases.Upload{Name: "clicks.txt", Data: []byte("9,000 clicks")}); err != nil {
		c.t.Fatal(err)
	}
	bodies = map[string]string{"put-endpoint": hook, "check-keywords": `{"text":"shoes"}`, "check-links": `{"addresses":["https://s.example/e/` + code + `"]}`}
	for _, w := range writing(c.t) {
		if bodies[w.id] == "" {
			bodies[w.id] = strings.NewReplacer(`"ann"`, `"bob"`, `"ad_space":"blog"`, `"ad_space":"shop"`).Replace(w.body)
		}
	}
	return strings.NewReplacer("{publisher}", "bob", "{order}", "o3", "{click}", "c2", "{code}", code, "{application}", "1", "{ad_space}", "news", "{sub_publisher}", "site-1", "{endpoint}", "hook", "{kind}", "orders",
		"{run}", "r", "{program}", "global-eu", "{case}/files/{file}", suspected+"/files/1", "{case}", suspected, "{audit}", c.audit("bob"), "{store}/orders/{order}", "t/orders/of-t", "{store}", "t", "{seller}/tickets/{ticket}", orgOther+"/tickets/2",
		"{seller}/inbox/{announcement}", orgOther+"/inbox/2", "{seller}", orgOther, "{ticket}", "1", "{announcement}", "1", "{person}", "per-bob-reader", "{app}", "id-bob-owner", "{key}", "app-bob-owner",
		"{invitation}", c.invitation(orgBob)), bodies
}

// A7, S1: whatever a publisher's or a seller's key asks of another one, at any address and in any role, it gets nothing and changes nothing.
// Every operation is tried: one whose address names nobody must be among those that are tried with the other's ids, or say here why it may
// answer.
func TestA7_NobodyGetsAnythingOfOthers(t *testing.T) {
	c := newCounted(t)
	ids, bodies := c.foreign()
	const own, forAll = "it is about the caller's own organisation", "it is for all to see"
	ofAll := map[string]string{
		"list-keywords": "what programs forbid is for all to see", "check-keywords": "it is about the caller's own text",
		"get-case-statistics": "what became of a program's cases is for all to see",
		"get-ranking":         "the ranking is for all to see", "list-programs": "what programs offer is for all to see", "get-program": "what programs offer is for all to see", "search": "it finds what is the publisher's own", "get-statistics": "a program's statistics are for all to see", "get-sandbox-clock": "everybody has a sandbox of their own", "move-sandbox-clock": "everybody has a sandbox of their own", "list-rejected-calls": "it tells of the key's own calls",
		"check-links":      "it is told which links are a foreign publisher's, and not whose",
		"get-program-page": forAll, "get-link-aids": forAll, "list-terms": forAll, "list-promotions": "what sellers offer is for all publishers to see",
		"get-caller": own, "list-members": own, "list-agreements": own, "list-apps": own, "list-stores": own, "invite-member": own, "make-app": own, "replace-left-keys": own,
	}
	writesOwn := []string{"invite-member", "make-app", "replace-left-keys"} // they name nobody, so there is nobody else's to try
	before := c.rows()
	for _, key := range []string{"ann", "app-ann-owner", "app-ann-member", "app-ann-reader", "app-shop-owner", "app-shop-member", "app-shop-reader"} {
		seller := strings.HasPrefix(key, "app-shop")
		marks := []string{`"shop"`, `"bob"`, "Other's", orgBob, "per-bob", "bob-owner", orgOther, "per-other", "other-owner"}
		if seller {
			marks = append(marks, "Another shop", `"t"`, `"product":"of-t"`)
		}
		operations(func(op *huma.Operation) {
			if slices.Contains(writesOwn, op.OperationID) {
				return
			}
			target, mayAnswer := ids.Replace(op.Path)+"?program=global-eu&month=2026-03&q=o3&name=n", ofAll[op.OperationID] != ""
			for _, p := range op.Parameters {
				if p.In == "query" && p.Name == "publisher" {
					target += "&publisher=bob"
				}
			}
			policy := call.PolicyOf(op)
			status, answer := c.do(c.request(key, op.Method, target, bodies[op.OperationID]))
			switch {
			case seller && !policy.Sellers, !seller && !policy.Publishers:
				if status != http.StatusForbidden {
					t.Errorf("%s is not for %s: %d %s", op.OperationID, key, status, answer)
				}
			case mayAnswer:
				if status != http.StatusOK && (status != http.StatusForbidden || len(policy.Needs) == 0 && !strings.Contains(answer, "no scope") && key != "ann") {
					t.Errorf("%s as %s: %d %s, but %s", op.OperationID, key, status, answer, ofAll[op.OperationID])
				}
			case status != http.StatusForbidden && status != http.StatusNotFound:
				t.Errorf("%s %s as %s: %d %s", op.Method, target, key, status, answer)
			}
			for _, mark := range marks { // addresses that the caller asked at are its own words
				if op.OperationID != "list-rejected-calls" && strings.Contains(answer, mark) {
					t.Errorf("%s tells %s of others (%s): %s", op.OperationID, key, mark, answer)
				}
			}
		})
	}
	if after := c.rows(); !maps.Equal(before, after) {
		t.Errorf("something was changed: %v, before %v", after, before)
	}
	// Red control: to who may see it the same address answers, so what was refused is there.
	operations(func(op *huma.Operation) {
		if p := call.PolicyOf(op); op.Method != http.MethodGet || !p.Publishers && !p.Sellers || ofAll[op.OperationID] != "" {
			return
		}
		key := "k"
		if strings.HasPrefix(op.OperationID, "list-app-") {
			key = "app-bob-owner"
		}
		target := ids.Replace(op.Path) + "?program=global-eu&month=2026-03&publisher=bob"
		if status, answer := c.do(c.request(key, op.Method, target, "")); status != http.StatusOK {
			t.Errorf("%s tries nothing: %s gets %d %s at %s", op.OperationID, key, status, answer, target)
		}
	})
}

// A7: an app may no more than the role of its person: every operation that asks for a permission is tried with every role, and the role
// counts that the person has at that moment.
func TestA7_AnAppMayWhatItsPersonMay(t *testing.T) {
	c := newCounted(t)
	const role = "the role of the person"
	tried := 0
	operations(func(op *huma.Operation) {
		p := call.PolicyOf(op)
		if len(p.Needs) == 0 {
			return
		}
		for organisation, kind := range map[string]people.Kind{"ann": people.Publisher, "shop": people.Seller, "desk": people.Operator} {
			for _, r := range people.RolesOf(kind) {
				tried++
				v := people.Viewer{Person: "p", Organisation: people.Organisation{ID: "o", Kind: kind}, Role: r}
				reaches := slices.Contains(people.ScopesOf(kind), string(p.Scope)) && (kind == people.Operator || kind == people.Publisher && p.Publishers || kind == people.Seller && p.Sellers)
				status, answer := c.do(c.request("app-"+organisation+"-"+string(r), op.Method, strings.NewReplacer("{", "", "}", "", "{ticket}", "99").Replace(op.Path), "not JSON"))
				switch may := slices.ContainsFunc(p.Needs, v.Can); {
				case !reaches && status != http.StatusForbidden:
					t.Errorf("%s is not for %s %s: %d %s", op.OperationID, kind, r, status, answer)
				case reaches && !may && (status != http.StatusForbidden || !strings.Contains(answer, role)):
					t.Errorf("%s does what %s %s may not: %d %s", op.OperationID, kind, r, status, answer)
				case reaches && may && strings.Contains(answer, role):
					t.Errorf("%s refuses what %s %s may: %d %s", op.OperationID, kind, r, status, answer)
				}
			}
		}
	})
	if tried < 500 {
		t.Errorf("%d tried", tried)
	}
	// What a role is changed to counts at once, and so does leaving.
	try := func(want int) {
		t.Helper()
		if status, answer := c.do(c.request("app-ann-member", "PUT", "/v1/publishers/ann/profile", `{"audience":"a","sources":"s","methods":["other"],"languages":["en"]}`)); status != want {
			t.Errorf("%d %s, want %d", status, answer, want)
		}
	}
	set := func(method, path, body string) {
		t.Helper()
		if status, answer := c.do(c.request("app-ann-owner", method, path, body)); status != http.StatusOK {
			t.Fatal(status, answer)
		}
	}
	try(http.StatusOK)
	set("PUT", "/v1/members/per-ann-member/role", `{"role":"reader"}`)
	try(http.StatusForbidden)
	set("PUT", "/v1/members/per-ann-member/role", `{"role":"member"}`)
	try(http.StatusOK)
	set("POST", "/v1/members/per-ann-member/remove?keys=keep", "")
	try(http.StatusForbidden)
}

// M5, I1: a run is led by apps whose people may in the console: finance builds, an admin may agree and not build, a reviewer may neither.
func TestM5_AppsLeadRunsAsTheirPeopleMay(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	c.payable()
	do := func(key, target, body string, want int) {
		t.Helper()
		if status, answer := c.do(c.request(key, "POST", target, body)); status != want {
			t.Errorf("%s %s: %d %s, want %d", key, target, status, answer, want)
		}
	}
	const start = `{"program":"global-eu","way":"manual"}`
	do("app-desk-reviewer", "/v1/payout-runs", start, http.StatusForbidden)
	do("app-desk-admin", "/v1/payout-runs", start, http.StatusForbidden)
	do("app-desk-finance", "/v1/payout-runs", start, http.StatusOK)
	w := writes{target: "/v1/payout-runs/RUN", body: `{"payments":PAYMENTS,"total":"TOTAL"}`}
	run, totals, _ := w.prepare(c, "")
	do("app-desk-admin", run+"/build", "", http.StatusForbidden)
	do("app-desk-finance", run+"/build", "", http.StatusOK)
	do("app-desk-reviewer", run+"/approve", totals, http.StatusForbidden)
	do("app-desk-finance", run+"/approve", totals, http.StatusForbidden) // who built it
	do("app-desk-admin", run+"/approve", totals, http.StatusOK)
	do("app-desk-admin", run+"/release", "", http.StatusForbidden)
	do("app-desk-finance", run+"/release", "", http.StatusOK)
	if status, answer := c.do(c.request("app-desk-reviewer", "GET", run, "")); status != http.StatusForbidden {
		t.Errorf("a reviewer reads payouts: %d %s", status, answer)
	}
	// A publisher's owner withdraws; the others of its organisation do not.
	c.onRequest()
	const ask = `{"program":"portals-session","amount":"50.00"}`
	do("app-ann-reader", "/v1/publishers/ann/withdrawals", ask, http.StatusForbidden)
	do("app-ann-member", "/v1/publishers/ann/withdrawals", ask, http.StatusForbidden)
	do("app-ann-owner", "/v1/publishers/ann/withdrawals", ask, http.StatusOK)
}

// A7: an app gives nobody more than it has: no scope, no tracking ID, and no role for which people must prove who they are. So whoever has a
// stolen key of accounts:write reaches neither money nor other keys, and shuts out nobody who could stop it.
func TestA7_AnAppGivesNoMoreThanItHas(t *testing.T) {
	c := newCounted(t)
	do := c.says
	c.change("id-ann-member", []string{"read", "links:write"}, []string{"t1"})
	c.change("id-ann-owner", []string{"read", "links:write", "accounts:write"}, []string{"t1", "t2"})
	do("app-ann-owner", "POST", "/v1/apps", `{"name":"A","scopes":["read","payouts:write"],"tracking_ids":["t1"]}`, 403, `"field":"scopes"`)
	do("app-ann-owner", "POST", "/v1/apps", `{"name":"A","scopes":["read"]}`, 403, "tracking_ids") // any tracking ID is more than two
	do("app-ann-owner", "POST", "/v1/apps", `{"name":"A","scopes":["read"],"tracking_ids":["t3"]}`, 403, "no more than it has")
	do("app-ann-owner", "POST", "/v1/apps", `{"name":"A","scopes":["read"],"tracking_ids":["t2"]}`, 200, `"secret":"`)
	c.change("id-ann-reader", []string{"read", "payouts:write"}, []string{"t1"})
	do("app-ann-owner", "POST", "/v1/apps/id-ann-reader/keys", "", 403, `"field":"scopes"`) // that one may move money
	do("app-ann-owner", "POST", "/v1/apps/id-ann-member/keys", "", 200, `"secret":"`)
	for _, x := range []struct{ key, person, head, low string }{
		{"app-bob-owner", "bob-owner", "owner", "member"}, {"app-shop-owner", "shop-owner", "owner", "reader"}, {"app-desk-admin", "desk-finance", "finance", "reviewer"},
	} {
		do(x.key, "POST", "/v1/invitations", `{"email":"evil@example.org","role":"`+x.head+`"}`, 403, "in the console")
		do(x.key, "POST", "/v1/invitations", `{"email":"`+x.person+`.2@example.org","role":"`+x.low+`"}`, 200, x.low)
		do(x.key, "PUT", "/v1/members/per-"+x.person+"/role", `{"role":"`+x.low+`"}`, 403, "in the console")
		do(x.key, "POST", "/v1/members/per-"+x.person+"/remove", "", 403, "in the console")
	}
	do("app-desk-admin", "PUT", "/v1/members/per-desk-reviewer/role", `{"role":"admin"}`, 403, "in the console")
	do("app-bob-owner", "PUT", "/v1/members/per-bob-member/role", `{"role":"owner"}`, 403, "in the console")
	// What is refused leaves everybody where they were, and what is done is in the log as the app's.
	if status, answer := c.do(c.request("app-desk-admin", "GET", "/v1/audit-log?action=app.", "")); status != 200 || strings.Count(answer, `"via":"app id-ann-owner"`) != 2 {
		t.Errorf("%d %s", status, answer)
	}
	// The log as a file has the same entries, and only for those who may read it.
	_, pages := c.do(c.request("app-desk-admin", "GET", "/v1/audit-log", ""))
	_, file := c.do(c.request("app-desk-admin", "GET", "/v1/audit-log/csv", ""))
	var listed struct {
		Entries []struct {
			Entry       int64
			Action, Via string
		}
		Next string
	}
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err = errors.Join(err, json.Unmarshal([]byte(pages), &listed)); err != nil || listed.Next != "" || len(rows) != len(listed.Entries)+1 || len(listed.Entries) < 5 {
		t.Fatalf("%d rows of the file, %d entries, %v", len(rows), len(listed.Entries), err)
	}
	for i, e := range listed.Entries {
		if row := rows[i+1]; row[0] != fmt.Sprint(e.Entry) || row[7] != e.Action || row[5] != e.Via {
			t.Errorf("row %d is %q, the entry %+v", i, row, e)
		}
	}
	if status, answer := c.do(c.request("app-bob-owner", "GET", "/v1/members", "")); status != 200 || strings.Count(answer, `"role":"owner"`) != 1 || strings.Contains(answer, "evil") {
		t.Errorf("%d %s", status, answer)
	}
}

// A7: a member who is removed takes its keys along, or leaves them named, and one call replaces those. A key that is kept reads on: the red control.
func TestA7_KeysOfWhoLeft(t *testing.T) {
	c := newCounted(t)
	do := c.says
	do("app-ann-owner", "GET", "/v1/members", "", 200, `"role":"member","since":"2026-03-11T00:00:00Z","second_factor":false,"keys":1`)
	do("app-ann-owner", "POST", "/v1/members/per-ann-member/remove?keys=away", "", 422, `"field":"keys"`)
	do("app-ann-owner", "POST", "/v1/members/per-ann-member/remove?keys=keep", "", 200)
	do("app-ann-owner", "POST", "/v1/members/per-ann-reader/remove", "", 200)
	do("app-ann-reader", "GET", "/v1/caller", "", 401)
	do("app-ann-member", "GET", "/v1/orders", "", 200)
	do("app-ann-owner", "GET", "/v1/apps", "", 200, `"live":true,"known_to":"per-ann-member","name":"ANN-MEMBER","left":true`, `"live":false,"known_to":"per-ann-reader","name":"ANN-READER","left":true`)
	if answer := do("app-bob-owner", "POST", "/v1/apps:replace-keys", "", 200, `"keys":[]`); strings.Contains(answer, "secret") {
		t.Errorf("somebody else gets %s", answer)
	}
	answer := do("app-ann-owner", "POST", "/v1/apps:replace-keys", "", 200, `"app":"id-ann-member"`)
	if strings.Count(answer, `"secret":"`) != 1 {
		t.Errorf("replaced: %s", answer)
	}
	do("app-ann-member", "GET", "/v1/orders", "", 200)
	c.now = c.now.Add(people.LeftOverlap)
	do("app-ann-member", "GET", "/v1/orders", "", 401)
	do("app-desk-admin", "GET", "/v1/audit-log?action=app.key_replaced", "", 200, `"why":"known to somebody who left"`)
	do("app-desk-admin", "GET", "/v1/audit-log?action=member.removed", "", 200, `"keys_known":"1"`, `"keys_ended":"1"`)
}

// S1, S2: a seller leads its store by the API: it reads when what may change, sets rates and plans campaigns as the rules allow, leaves and
// waits, and is told in a sentence what is wrong. Publishers see what is offered, and the log says who did it.
func TestS2_ASellerLeadsItsStore(t *testing.T) {
	c := newCounted(t)
	c.must("POST", "/v1/stores:import", `{"store":"s","name":"The shop"}`)
	c.must("POST", "/v1/products:import", `{"product":"p","store":"s","category":"toys","affiliate":true}`)
	do := c.says
	do("app-shop-reader", "GET", "/v1/stores", "", 200, `"store":"s"`, `"may_leave":true`, `"min":"`)
	do("app-shop-owner", "POST", "/v1/stores/s/rates", `{"product":"p","rate":"seven"}`, 422, `"field":"rate"`, "7.5")
	do("app-shop-owner", "POST", "/v1/stores/s/rates", `{"product":"q","rate":"7"}`, 422, `"field":"product"`)
	do("app-shop-owner", "POST", "/v1/stores/s/rates", `{"product":"p","rate":"7.5"}`, 200, `"effective_at":"2026-03-1`)
	do("app-shop-owner", "POST", "/v1/stores/s/rates:import", "product,rate\nq,1\np,none\n", 400, `"line":3`)
	do("app-shop-owner", "POST", "/v1/stores/s/campaigns", `{"campaign":"Spring","products":["p"],"rate":"12","from":"2026-03-20","to":"2026-03-25"}`, 200)
	do("app-shop-owner", "GET", "/v1/stores/s/offers", "", 200, `"campaign":"Spring"`, `"state":"upcoming"`, `"rate":"7.5`)
	do("ann", "GET", "/v1/programs/tr/offers", "", 200, `"campaign":"Spring"`, `"running":false`)
	do("app-shop-owner", "GET", "/v1/stores/s/rates", "", 200, "product,rate,from,to,campaign\np,")
	do("app-shop-owner", "POST", "/v1/stores/s/participation", `{"takes_part":true}`, 200, `"takes_part":true`)
	do("app-shop-owner", "POST", "/v1/stores/s/participation", `{"takes_part":true}`, 409, "may_join")
	do("app-shop-owner", "POST", "/v1/stores/s/participation", `{"takes_part":false}`, 200, `"ends_at":"2026-03-1`)
	c.now = c.now.AddDate(0, 0, 2)
	do("app-shop-owner", "GET", "/v1/stores/s", "", 200, `"takes_part":false`, `"join_from":"`)
	do("app-shop-owner", "GET", "/v1/stores/s/changes", "", 200, `"by":"SHOP-OWNER"`, `"what":"leave"`)
	do("app-desk-admin", "GET", "/v1/audit-log?object=store+s", "", 200, `"action":"store.leave"`, "app id-shop-owner, key app-shop-owner")
}

// A7: a seller's app is refused what it is not told of, and one whose organisation lost its stores is let in nowhere.
func TestA7_ASellersAppIsASellers(t *testing.T) {
	c := newCounted(t)
	for scope, want := range map[string]int{"stores:write": http.StatusOK, "orders:write": http.StatusUnprocessableEntity, "links:write": http.StatusUnprocessableEntity, "payouts:write": http.StatusUnprocessableEntity} {
		if status, answer := c.do(c.request("app-shop-owner", "POST", "/v1/apps", `{"name":"A","scopes":["`+scope+`"]}`)); status != want {
			t.Errorf("%s: %d %s", scope, status, answer)
		}
	}
	if status, answer := c.do(c.request("app-shop-owner", "GET", "/v1/caller", "")); status != 200 || !strings.Contains(answer, `"stores":["s"]`) || !strings.Contains(answer, `"kind":"seller"`) || strings.Contains(answer, secret) {
		t.Errorf("%d %s", status, answer)
	}
	if err := c.db.Update(t.Context(), func(tx store.Tx) error {
		o, err := tx.Platform().Accounts().Organisations().ByID(t.Context(), orgShop)
		if err != nil {
			return err
		}
		o.Stores = nil
		return tx.Platform().Accounts().Organisations().Put(t.Context(), o)
	}); err != nil {
		t.Fatal(err)
	}
	if status, _ := c.do(c.request("app-shop-owner", "GET", "/v1/caller", "")); status != http.StatusUnauthorized {
		t.Errorf("a seller without stores is let in: %d", status)
	}
}
