package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/browser"
	"github.com/clickledger/clickledger/internal/notify/mailbox"
)

// town is a server with a clock that can be moved, a mail server, and a browser: where the stories happen.
type town struct {
	*served
	t    *testing.T
	data string
	mail *mailbox.Box
	web  *browser.Browser
	late *atomic.Int64 // by how much the clock is ahead, in nanoseconds
	read map[string]int
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, data: t.TempDir(), mail: mailbox.Open(t), late: &atomic.Int64{}, read: make(map[string]int)}
	e := &env{now: w.clock, near: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	w.served = serveWith(t, e, w.data, "--data", w.data, "--smtp", w.mail.URL, "--payer-name", "Marketplace", "--payer-iban", "DE89370400440532013000", "--payer-bic", "COBADEFFXXX")
	w.web = browser.New(t)
	return w
}

func (w *town) clock() time.Time { return time.Now().Add(time.Duration(w.late.Load())) }

// pass lets time pass.
func (w *town) pass(d time.Duration) { w.late.Add(int64(d)) }

var linkInMail = regexp.MustCompile(`https?://\S+`)

// letter waits for the next e-mail to somebody whose subject or text says something, and returns the link in it.
func (w *town) letter(to, says string) (text, link string) {
	w.t.Helper()
	until(w.t, fmt.Sprintf("an e-mail to %s that says %q", to, says), func() bool {
		for i, m := range w.mail.To(to) {
			if i >= w.read[to] && strings.Contains(m.Subject+"\n"+m.Text, says) {
				w.read[to], text = i+1, m.Text
				return true
			}
		}
		return false
	})
	return text, linkInMail.FindString(text)
}

const storyPassword = "four plain words here"

// employee adds somebody of the operator from the command line, as the first people come in, and signs in.
func (w *town) employee(email, role string) *browser.Page {
	w.t.Helper()
	out, code := command(w.t, "people", "add", "--operator", "--role", role, "--email", email, "--data", w.data, "--public-url", w.api)
	if code != 0 {
		w.t.Fatalf("people add: %s", out)
	}
	p := w.web.Page(browser.Desk())
	p.Open(linkInMail.FindString(out))
	p.Fill("New password", storyPassword)
	p.Press("Save")
	w.enter(p, email)
	return p
}

// enter signs somebody in.
func (w *town) enter(p *browser.Page, email string) {
	w.t.Helper()
	p.Open(w.api + "/sign-in")
	p.Fill("E-mail address", email)
	p.Fill("Password", storyPassword)
	p.Press("Sign in")
	p.Miss("Sign in with")
}

// blog is a publisher's web site on this machine.
type blog struct {
	URL   string
	mu    sync.Mutex
	files map[string]string
}

func newBlog(t *testing.T) *blog {
	b := &blog{files: make(map[string]string)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		text, ok := b.files[r.URL.Path]
		b.mu.Unlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	b.URL = s.URL + "/"
	b.put("/", "<html><head></head><body>My blog</body></html>")
	return b
}

func (b *blog) put(path, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files[path] = text
}

// The publisher's story (A1-A4, L1-L4, T7, C11): signs up, confirms the address, shows that a blog is his, joins after a review, makes a link,
// gets a click and an order, and sees why it earned.
func TestI6_APublisherFromSignUpToCommission(t *testing.T) {
	w := newTown(t)
	reviewer := w.employee("rana@market.example", "reviewer")
	site := newBlog(t)

	ann := w.web.Page(browser.Desk())
	ann.Open(w.api + "/sign-in")
	ann.Follow("New here? Sign up as a publisher")
	ann.Shot("story-sign-up")
	ann.Fill("Company or project", "Ann's Gadget Notes")
	ann.Fill("Your name", "Ann")
	ann.Fill("E-mail address", "ann@blog.example")
	ann.Fill("Password", storyPassword)
	ann.Press("Sign up as a publisher")
	ann.See("Look in your mailbox")
	_, link := w.letter("ann@blog.example", "onfirm")
	ann.Open(link)
	ann.Press("Confirm your e-mail address")
	ann.See("You can sign in now")
	w.enter(ann, "ann@blog.example")

	ann.Follow("Ad spaces")
	ann.Fill("Name", "Gadget Notes")
	ann.Fill("Short name", "notes")
	ann.Fill("Address", site.URL)
	ann.Fill("What it is", "Blog")
	ann.Fill("How it brings visitors", "content")
	ann.Fill("Languages", "en")
	ann.Press("Save")
	ann.See("Not verified")
	ann.Shot("story-verify")
	ann.Press("Verify: A tag in the page's head")
	ann.See("Not verified") // the tag is not there yet, and the page says so
	tag := regexp.MustCompile(`<meta name="[^"]+" content="[^"]+">`).FindString(ann.Text())
	site.put("/", "<html><head>"+tag+"</head><body>My blog</body></html>")
	ann.Press("Verify: A tag in the page's head")
	ann.Follow("Gadget Notes")
	ann.See("Verified")
	ann.Fill("Program", "portals")
	ann.Press("Apply")
	ann.See("Waits for review")
	ann.Shot("story-applied")

	reviewer.Follow("Applications")
	reviewer.See("Gadget Notes → portals")
	reviewer.Fill("Note to the publisher", "Welcome!")
	reviewer.Shot("story-review")
	reviewer.Press("Approve")
	reviewer.See("Nobody waits")

	ann.Follow("Ad spaces")
	ann.See("Joined", "Welcome!")
	ann.Follow("Links")
	ann.Fill("Program", "portals")
	ann.Fill("Addresses", "https://www.aliexpress.com/item/1005006.html")
	ann.Press("Make links")
	ann.Shot("story-link")
	made := regexp.MustCompile(`http://127\.0\.0\.1:\d+/e/[0-9A-Za-z]+`).FindString(ann.Text())
	if made == "" {
		t.Fatalf("no link was made:\n%s", ann.Text())
	}
	var token string
	until(t, "the new link works", func() bool {
		status, to, verdict := w.click(made + "?af=review&cn=autumn")
		token = to.Query().Get("clk")
		return status == http.StatusFound && verdict == "valid" && token != ""
	})

	w.order("A-1001", token, "portals")
	ann.Follow("Orders")
	until(t, "the order stands among Ann's", func() bool {
		ann.Follow("Orders")
		return strings.Contains(ann.Text(), "A-1001")
	})
	ann.Follow("A-1001")
	until(t, "the order is pending, as its buyer has paid", func() bool {
		ann.Open(ann.Address())
		return strings.Contains(ann.Text(), "Pending")
	})
	ann.See("af=review", "cn=autumn", "wins", "70.00 USD", "rounded once, half to even")
	ann.Shot("story-order")
}

// order reports an order that carries a click's token, placed and paid now.
func (w *town) order(id, token, program string) {
	w.t.Helper()
	at := w.clock().UTC()
	w.call("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":%[1]q,"event":"placed","at":%[2]q,"program":%[3]q,"visitor":"v-%[1]s","click":%[4]q,"buyer":{"id":"b-%[1]s","new":false},"ship_to":"TR","currency":"USD","items":[{"item":"1","product":"1005006","store":"s-1","category":"toys","amount":"1000.00"}]}
{"order":%[1]q,"event":"paid","at":%[5]q,"program":%[3]q}
`, id, at.Format(time.RFC3339Nano), program, token, at.Add(time.Second).Format(time.RFC3339Nano)))
}

// prove answers the page that asks who somebody is before money, keys or people are touched, where it came.
func (w *town) prove(p *browser.Page) {
	w.t.Helper()
	if strings.Contains(p.Text(), "Enter your password once more") {
		p.Fill("Password", storyPassword)
		p.Press("Continue")
	}
}

// The seller's story (S1-S3): is invited, sets a rate, leaves with notice, finds that links lead nowhere that pays from the next day on, and
// joins again after the pause.
func TestI6_ASellerJoinsAndLeaves(t *testing.T) {
	w := newTown(t)
	w.call("POST", "/v1/stores:import", `{"store":"s-1","name":"Izmir Toys","lists":[]}`)
	w.call("POST", "/v1/products:import", `{"product":"1005006","store":"s-1","category":"toys","affiliate":true}`)
	admin := w.employee("ada@market.example", "admin")
	admin.Follow("Settings")
	admin.Follow("People and organisations")
	admin.Fill("Kind", "Seller")
	admin.Fill("Name", "Izmir Toys Ltd")
	admin.Fill("Stores", "s-1")
	admin.Fill("Owner's e-mail address", "kemal@toys.example")
	admin.Press("Enter a seller or a publisher")

	kemal := w.web.Page(browser.Desk())
	_, link := w.letter("kemal@toys.example", "/invitation?token=")
	kemal.Open(link)
	kemal.Fill("Your name", "Kemal")
	kemal.Fill("Password", storyPassword)
	kemal.Press("Accept")
	w.enter(kemal, "kemal@toys.example")
	kemal.See("Izmir Toys")
	kemal.Follow("Izmir Toys")
	kemal.See("Product by product") // as the catalogue says it of each
	kemal.Follow("Join")
	kemal.Press("Join now")
	kemal.See("Takes part")

	// A rate outside what the program allows is refused by name; one inside waits for its day.
	kemal.Fill("Rate, %", "95")
	kemal.Press("Set the rate")
	kemal.See("69")
	kemal.Fill("Rate, %", "9.5")
	kemal.Press("Set the rate")
	kemal.See("9.5", "Upcoming")
	kemal.Shot("story-seller")

	kemal.Follow("Leave")
	kemal.See("Before you confirm: what happens when", "lead nowhere that pays")
	kemal.Shot("story-seller-leaves")
	kemal.Press("Leave, with notice until the end of the day")
	kemal.See("Takes part until")
	kemal.Miss("Join now")

	w.pass(48 * time.Hour)
	w.enter(kemal, "kemal@toys.example")
	kemal.Follow("Izmir Toys")
	kemal.See("Does not take part", "May join again from")

	w.pass(60 * 24 * time.Hour)
	w.enter(kemal, "kemal@toys.example")
	kemal.Follow("Izmir Toys")
	kemal.Follow("Join")
	kemal.Press("Join now")
	kemal.See("Takes part")
	kemal.Shot("story-seller-again")
}

// enroll lets an admin enter an organisation whose owner is invited, and signs the owner in.
func (w *town) enroll(admin *browser.Page, kind, name, field, value, owner, person string) *browser.Page {
	w.t.Helper()
	admin.Follow("Settings")
	admin.Follow("People and organisations")
	admin.Fill("Kind", kind)
	admin.Fill("Name", name)
	admin.Fill(field, value)
	admin.Fill("Owner's e-mail address", owner)
	admin.Press("Enter a seller or a publisher")
	p := w.web.Page(browser.Desk())
	_, link := w.letter(owner, "/invitation?token=")
	p.Open(link)
	p.Fill("Your name", person)
	p.Fill("Password", storyPassword)
	p.Press("Accept")
	w.enter(p, owner)
	return p
}

// The operator's story (P1, C12, M2, M3, M5): a rate is changed after a look at what past orders would have earned, and a second person
// decides; an order becomes a balance; the publisher withdraws it; two people of finance pay it; the bank confirms; the statement has it.
func TestI6_FromARateToAPaidCommission(t *testing.T) {
	w := newTown(t)
	ada, omar := w.employee("ada@market.example", "admin"), w.employee("omar@market.example", "admin")
	fay, mehmet := w.employee("fay@market.example", "finance"), w.employee("mehmet@market.example", "finance")
	ann := w.enroll(ada, "Publisher", "Ann's Gadget Notes", "Publisher ID", "ann", "ann@blog.example", "Ann")
	w.call("POST", "/v1/ad-spaces:import", strings.ReplaceAll(spaceLine, "global-eu", "portals-session"))

	// A rate is proposed after a what-if; who proposed it cannot decide it.
	ada.Follow("Programs")
	ada.Open(w.api + "/programs/portals-session/edit")
	w.prove(ada)
	document := browser.Eval[string](ada, `document.querySelector("textarea[name=document]").value`)
	changed := strings.Replace(document, `percent: "8.00"`, `percent: "8.50"`, 1)
	if changed == document || !strings.Contains(document, "version: 2") {
		t.Fatalf("the page does not offer the next version to change:\n%s", document)
	}
	ada.Fill("Program document", changed)
	ada.Fill("Why", "more for the autumn")
	ada.Press("Check and try on past orders")
	ada.See("What changes", "8.00", "8.50", "What past orders would have earned")
	ada.Shot("story-what-if")
	ada.Press("Propose")
	w.prove(ada)
	ada.See("portals-session", "Waits")
	ada.Miss("Approve and publish")
	ada.Shot("story-proposal")
	omar.Open(w.api + "/proposals")
	omar.Follow("portals-session")
	omar.See("8.50", "more for the autumn")
	omar.Fill("Reason", "agreed")
	omar.Press("Approve and publish")
	w.prove(omar)
	omar.See("Approved")

	// Ann tells where her money goes, and waits out the freeze.
	ann.Open(w.api + "/publisher/payout-details/edit")
	w.prove(ann)
	ann.Fill("How you are paid", "International bank transfer")
	ann.Fill("Country", "DE")
	ann.Fill("Account holder", "Ann Example")
	ann.Fill("IBAN", "DE89 3704 0044 0532 0130 01") // one digit is wrong
	ann.Fill("BIC", "COBADEFFXXX")
	ann.Fill("Street and number", "Hauptstrasse 1")
	ann.Fill("Postal code", "10115")
	ann.Fill("Town", "Berlin")
	ann.Press("Save")
	ann.See("IBAN")
	ann.Fill("IBAN", "DE89 3704 0044 0532 0130 00")
	ann.Press("Save")
	ann.See("Nothing is paid before")
	ann.Shot("story-details")

	// A day later the new rate holds: 8.5 % of 1,000.00 are 85.00.
	w.pass(25 * time.Hour)
	made := regexp.MustCompile(`http://127\.0\.0\.1:\d+/e/[0-9A-Za-z]+`).FindString(
		w.call("POST", "/v1/links", `{"links":[{"program":"portals-session","publisher":"ann","target":{"kind":"product","id":"1005006"}}]}`))
	var token string
	until(t, "the new link works", func() bool {
		status, to, _ := w.click(made)
		token = to.Query().Get("clk")
		return status == http.StatusFound && token != ""
	})
	w.order("B-2002", token, "portals-session")
	w.pass(24 * time.Hour)
	w.call("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":"B-2002","event":"completed","at":%q,"program":"portals-session"}`, w.clock().UTC().Format(time.RFC3339Nano)))
	w.enter(ann, "ann@blog.example")
	until(t, "the completed order is in the balance", func() bool {
		ann.Open(w.api + "/publisher/balance/portals-session")
		return strings.Contains(ann.Text(), "85.00")
	})
	ann.See("Waits for the end of the hold")
	ann.Shot("story-balance")
	w.pass(15 * 24 * time.Hour)
	w.enter(ann, "ann@blog.example")
	until(t, "the hold is over", func() bool {
		ann.Open(w.api + "/publisher/balance/portals-session")
		return strings.Contains(ann.Text(), "You receive")
	})
	ann.See("85.00", "15.00", "70.00") // the balance, the fee, what arrives
	ann.Press("Withdraw now")
	w.prove(ann)
	if !strings.Contains(ann.Text(), "Your withdrawal is in a payout run") {
		ann.Open(w.api + "/publisher/balance/portals-session")
	}
	ann.Shot("story-withdrawn")

	// Fay builds the files, Mehmet reads the totals from them and agrees, Fay sends them; neither can do both.
	w.enter(fay, "fay@market.example")
	fay.Follow("Payouts")
	fay.Follow("PORTAL")
	run := fay.Address()
	fay.Press("Build the bank files")
	w.prove(fay)
	fay.Open(run)
	fay.See("You made this run. Somebody else must approve it.")
	w.enter(mehmet, "mehmet@market.example")
	mehmet.Open(run)
	mehmet.Fill("Number of payments", "1")
	mehmet.Fill("Sum of the payments", "70.00")
	mehmet.Press("Approve")
	w.prove(mehmet)
	mehmet.Open(run)
	mehmet.See("Two people agree")
	mehmet.Shot("story-approved")
	fay.Open(run)
	fay.Press("Release")
	fay.Open(run)
	fay.See("The files go to the bank")
	id := browser.Eval[string](fay, `document.querySelector("table:last-of-type tbody th code, main table tbody th code").innerText`)
	answers := filepath.Join(t.TempDir(), "bank.csv")
	if err := os.WriteFile(answers, []byte("payout,status,amount,currency\n"+id+",paid,70.00,USD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fay.Follow("Payouts")
	fay.Fill("File", answers)
	fay.Press("Take in")
	fay.See("1 new answer")
	fay.Open(run)
	fay.Press("Close")
	fay.See("Closed")
	fay.Open(w.api + "/proof")
	fay.See("The books agree")
	fay.Shot("story-proof")

	// The same figures stand on Ann's balance, among her transactions and in the statement.
	w.enter(ann, "ann@blog.example")
	ann.Open(w.api + "/publisher/balance/portals-session")
	ann.See("Paid out", "70.00")
	ann.Open(w.api + "/publisher/transactions")
	ann.See("Sent to the bank", "Paid out")
	ann.Open(w.api + "/publisher/statements")
	ann.See("CSV")
	ann.Shot("story-paid")
}
