package account_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
)

// 14.2.4: somebody downloads what is kept, after a proof; an admin erases somebody, sees why the last owner stays, and gives the address once more.
func TestDownloadAndErase(t *testing.T) {
	s := newSite(t)
	link, err := s.people.AddOperator(t.Context(), "op@example.org", "Op", "tr", people.Admin)
	if err != nil {
		t.Fatal(err)
	}
	b, owner := s.browser(), s.browser()
	b.open(strings.TrimPrefix(link.Reveal(), s.server.URL))
	b.send("/reset", "password", password)
	b.open("/account")
	b.send("/sign-in", "email", "op@example.org", "password", password)

	owner.open("/sign-up")
	owner.send("/sign-up", "organisation", "Kupon", "name", "Ada Yıldız", "email", "ada@example.org", "password", password)
	owner.open(s.link())
	owner.send("/check-email")
	owner.open("/account")
	owner.send("/sign-in", "email", "ada@example.org", "password", password)
	owner.open("/account")
	owner.shows("What is kept about you")
	owner.send("/account/export")
	owner.shows(`"format": "clickledger person 1"`, `"name": "Ada Yıldız"`, `"ticket_messages": []`)
	s.pass(time.Hour)
	owner.open("/account")
	if strings.Contains(owner.page, `action="/account/export"`) {
		t.Error("a download is offered before the proof")
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+"/account/export", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", s.server.URL)
	owner.do(r)
	if !strings.HasPrefix(owner.at, "/account/confirm") || strings.Contains(owner.page, `"format"`) {
		t.Errorf("a download without a proof leads to %s", owner.at)
	}

	b.open("/account/confirm?next=/account/people")
	b.send("/account/confirm", "answer", password)
	b.open("/account/people?email=op@example.org")
	if strings.Contains(b.page, `action="/account/people/erase"`) {
		t.Error("an admin is offered to erase itself")
	}
	guest := s.browser()
	owner.open("/account/confirm?next=/account/members")
	owner.send("/account/confirm", "answer", password)
	owner.send("/account/members/invite", "email", "guest@example.org", "role", "reader")
	guest.open(s.link())
	guest.send("/invitation", "name", "Guest", "password", password)

	b.open("/account/people?email=ada@example.org")
	b.shows("Bu kişiyi sil")
	b.send("/account/people/erase", "address", "bob@example.org")
	b.shows("bu kişinin e-posta adresi değil")
	b.send("/account/people/erase", "address", "ada@example.org")
	b.shows("Önce rolü başka birine verin: Kupon")
	b.open("/account/people?email=guest@example.org")
	b.send("/account/people/erase", "address", "guest@example.org", "end_keys", "1")
	b.shows("Kişi silindi.")
	b.open("/account/people?email=ada@example.org")
	b.send("/account/people/erase", "address", "ADA@example.org")
	b.shows("Kişi silindi. Artık kimsenin adına çalışmadığı kuruluşlar: Kupon")
	owner.open("/account")
	if owner.signedIn() {
		t.Error("somebody who was erased is signed in")
	}
	b.open("/audit")
	b.shows("person.erased", "organisation.closed", "Zincir sağlam")
	if strings.Contains(b.page, "Ada Yıldız") || strings.Contains(b.page, "guest@example.org") {
		t.Error("the audit log still names somebody")
	}
}

// A7: whoever removes a member sees how many keys it knows and says what becomes of them; what was kept is named, and replaced with one press.
func TestA7_KeysOfWhoLeftOnThePages(t *testing.T) {
	s := newSite(t)
	owner := s.browser()
	owner.open("/sign-up")
	owner.send("/sign-up", "organisation", "Kupon", "name", "Ada", "email", "ada@example.org", "password", password)
	owner.open(s.link())
	owner.send("/check-email")
	owner.open("/account")
	owner.send("/sign-in", "email", "ada@example.org", "password", password)
	joins := func(name string) *browser {
		b := s.browser()
		owner.open("/account/members")
		owner.send("/account/members/invite", "email", name+"@example.org", "role", "owner")
		b.open(s.link())
		b.send("/invitation", "name", name, "password", password)
		b.open("/account/apps")
		b.send("/sign-in", "email", name+"@example.org", "password", password)
		b.send("/account/terms")
		b.open("/account/apps")
		b.send("/account/apps/make", "name", "Script of "+name, "scope", "read")
		b.shows("the only time that the secret is shown")
		return b
	}
	joins("bob")
	joins("eve")
	removes := func(name, end string) {
		owner.open("/account/members")
		_, owner.page, _ = strings.Cut(owner.page, `<th scope="row">`+name+`</th>`)
		if end == "" {
			owner.send("/account/members/remove", "keys", "keep")
		} else {
			owner.send("/account/members/remove", "end_keys", end)
		}
	}
	owner.open("/account/members")
	owner.shows("End the API keys that the person knows (1)")
	removes("eve", "1")
	owner.open("/account/apps")
	if strings.Contains(owner.page, "Somebody who left") {
		t.Error("keys that ended are named as known to somebody who left")
	}
	removes("bob", "")
	owner.open("/account/apps")
	owner.shows("Somebody who left knows API keys of yours", "Known to", "has left")
	owner.send("/account/apps/replace-left")
	owner.shows("the only time that the secret is shown", "Script of bob")
	if strings.Contains(owner.page, "<dd>Script of eve</dd>") {
		t.Error("a key was made for an app whose keys had ended")
	}
	s.pass(25 * time.Hour)
	owner.open("/account/apps")
	owner.send("/sign-in", "email", "ada@example.org", "password", password)
	if strings.Contains(owner.page, "Somebody who left") {
		t.Error("a day later somebody who left still knows a key")
	}
}
