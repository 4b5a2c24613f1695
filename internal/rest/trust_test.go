package rest

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/trust"
)

// box seals what the test keeps.
func (c *client) box() *seal.Box {
	c.t.Helper()
	b, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// cases is the service that the client's server has, which asks for a second person for more than a dollar.
func (c *client) cases() *cases.Service {
	p := trust.Defaults()
	p.SecondAbove = 1
	return cases.New(c.db, c.settle, c.box(), "https://aff.example", p, rand.Text, func() time.Time { return c.now })
}

// newestCase is the case that was opened last; "" where there is none.
func (c *client) newestCase() string {
	c.t.Helper()
	all, _, err := c.cases().List(c.t.Context(), cases.Filter{}, "", 1)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(all) == 0 {
		return ""
	}
	return all[0].ID
}

// caseOf opens a case about an order of a publisher, and tells the publisher.
func (c *client) caseOf(publisher, order string) string {
	c.t.Helper()
	d := cases.Draft{Program: "global-eu", Publisher: publisher, Category: "bots", Items: []cases.Ref{{Order: order}}, Evidence: []trust.Evidence{{Kind: "text", Text: "seen"}}}
	x, err := c.cases().Open(c.t.Context(), d, "maria")
	if err == nil {
		_, err = c.cases().Hold(c.t.Context(), x.ID)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return x.ID
}

// caseWithFile is a case whose evidence has a file; "" where there is none.
func (c *client) caseWithFile() string {
	c.t.Helper()
	all, _, err := c.cases().List(c.t.Context(), cases.Filter{}, "", 50)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range all {
		if slices.ContainsFunc(all[i].Evidence, func(e trust.Evidence) bool { return e.Kind == "file" }) {
			return all[i].ID
		}
	}
	return ""
}

// M4, A7: a file comes back byte for byte, with a name that no header breaks on; a publisher reads what came with the conversation, and
// nothing of the evidence before a decision stands.
func TestM4_FilesOfCasesByTheAPI(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	id := c.caseOf("ann", "o1")
	do := c.says
	files := "/v1/cases/" + id + "/files"
	do("maria", "POST", files+"?name=a.exe", "MZ\x00\x01", 422, "PDF")
	do("maria", "POST", files+"?name=late.txt", "found later", 409, "") // the publisher is told, so evidence is closed
	do("maria", "POST", files+"?name=plot.txt&as=message&text=look", "9,000 clicks", 200, "look")
	do("ann", "POST", files+"?name="+url.QueryEscape("rea\"ders\r\nX-A: b.txt"), "readers", 200, `"file":2`)
	do("bob", "POST", files+"?name=b.txt", "b", 403, "")
	do("ann", "GET", files+"/1", "", 200, "9,000 clicks")
	do("jonas", "GET", files+"/2", "", 200, "readers")
	do("bob", "GET", files+"/1", "", 404, "")
	do("bob", "GET", files, "", 404, "")
	do("k", "GET", files, "", 200, `{"files":[{"file":1,"name":"plot.txt","type":"text/plain; charset=utf-8","size":12,"sha256":"`)
	do("maria", "GET", files, "", 200, `"by":"maria","from_publisher":false`)
	do("ann", "GET", files, "", 200, `"from_publisher":false`)
	if _, answer := c.do(c.request("ann", "GET", files, "")); strings.Contains(answer, "maria") || strings.Count(answer, `"file":`) != 2 {
		t.Errorf("ann lists %s", answer)
	}
	res, err := http.DefaultClient.Do(c.request("maria", "GET", files+"/2", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if h := res.Header; h.Get("X-A") != "" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v", h)
	}
}

// M4, F5: by the API, too, nobody takes a publisher's commission alone: who opened a case does not decide it, who decided does not agree
// to it, an appeal goes to somebody who took no part, whichever keys they use, and a key that belongs to nobody does nothing.
func TestM4_ACaseTakesSeveralPeopleByTheAPI(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	send := func(key, method, target, body string, want int) string {
		t.Helper()
		status, answer := c.do(c.request(key, method, target, body))
		if status != want {
			t.Fatalf("%s %s %s: %d %s, want %d", key, method, target, status, answer, want)
		}
		return answer
	}
	const open = `{"program":"global-eu","publisher":"ann","category":"bots","items":[{"order":"o1"}],"evidence":[{"kind":"text","text":"many clicks at night"}]}`
	send("k", "POST", "/v1/cases", open, http.StatusForbidden)      // without the scope
	send("orphan", "POST", "/v1/cases", open, http.StatusForbidden) // belongs to nobody
	send("ann", "POST", "/v1/cases", open, http.StatusForbidden)
	send("maria", "POST", "/v1/cases", strings.Replace(open, "bots", "weather", 1), http.StatusUnprocessableEntity)
	send("maria", "POST", "/v1/cases", open, http.StatusOK)
	at := "/v1/cases/" + c.newestCase()
	send("ann", "GET", at, "", http.StatusNotFound) // she was not told yet
	send("maria", "POST", at+"/step", `{"step":"hold"}`, http.StatusOK)
	if answer := send("ann", "GET", at, "", http.StatusOK); strings.Contains(answer, "maria") || strings.Contains(answer, "at night") || !strings.Contains(answer, `"held":true`) {
		t.Errorf("ann reads %s", answer)
	}
	const ruling = `{"sanctions":["deduction"],"reason":"bots","note":"no reader clicks so"}`
	send("jonas", "POST", at+"/decision", ruling, http.StatusConflict) // she may still answer
	send("bob", "POST", at+"/messages", `{"text":"me too"}`, http.StatusForbidden)
	send("ann", "POST", at+"/messages", `{"text":"these were readers"}`, http.StatusOK)
	for _, key := range []string{"maria", "maria-2"} {
		send(key, "POST", at+"/decision", ruling, http.StatusForbidden)
	}
	if answer := send("jonas", "POST", at+"/decision", ruling, http.StatusOK); !strings.Contains(answer, `"state":"proposed"`) {
		t.Errorf("one person decided: %s", answer)
	}
	for _, key := range []string{"jonas", "maria"} {
		send(key, "POST", at+"/step", `{"step":"approve"}`, http.StatusForbidden)
	}
	if answer := send("lena", "POST", at+"/step", `{"step":"approve"}`, http.StatusOK); !strings.Contains(answer, `"state":"deducted"`) {
		t.Errorf("two people decided: %s", answer)
	}
	send("maria", "POST", at+"/appeal", `{"text":"look again"}`, http.StatusForbidden)
	send("maria", "POST", at+"/files?name=letter.txt&as=appeal&text=mine", "from the school", http.StatusForbidden)
	send("bob", "POST", at+"/files?name=letter.txt&as=appeal&text=mine", "from the school", http.StatusForbidden)
	send("ann", "POST", at+"/files?name=letter.txt&as=appeal", "from the school", http.StatusUnprocessableEntity) // an appeal needs words
	if answer := send("ann", "POST", at+"/files?name=letter.txt&as=appeal&text=look+again", "from the school", http.StatusOK); strings.Contains(answer, "jonas") || strings.Contains(answer, "lena") || !strings.Contains(answer, `"text":"look again","file":1`) {
		t.Errorf("ann's appeal with a file: %s", answer)
	}
	send("ann", "POST", at+"/appeal", `{"text":"look again"}`, http.StatusConflict)
	if answer := send("maria", "GET", at+"/files/1", "", http.StatusOK); answer != "from the school" {
		t.Errorf("the file of the appeal is %s", answer)
	}
	for _, key := range []string{"jonas", "lena"} {
		send(key, "POST", at+"/step", `{"step":"uphold","note":"true"}`, http.StatusForbidden)
	}
	if answer := send("tom", "POST", at+"/step", `{"step":"uphold","note":"true"}`, http.StatusOK); !strings.Contains(answer, `"outcome":"restored"`) {
		t.Errorf("an appeal that was won: %s", answer)
	}
	if answer := send("bob", "GET", "/v1/programs/global-eu/case-statistics", "", http.StatusOK); !strings.Contains(answer, `"cases":1`) || !strings.Contains(answer, `"restored":1`) {
		t.Errorf("the statistics are %s", answer)
	}
}
