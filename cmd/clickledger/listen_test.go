package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/notify/mailbox"
)

// I6: where the system chooses the port, links in e-mails lead to the one that it chose.
func TestI6_LinksCarryThePortThatWasChosen(t *testing.T) {
	mail := mailbox.Open(t)
	data := t.TempDir()
	s := serveWith(t, &env{now: time.Now}, data, "--data", data, "--smtp", mail.URL)
	if strings.HasSuffix(s.api, ":0") {
		t.Fatalf("the server is at %s", s.api)
	}
	res, err := http.PostForm(s.api+"/sign-up", url.Values{
		"email": {"new@example.org"}, "name": {"Nesrin"}, "organisation": {"Kupon"}, "kind": {"publisher"}, "password": {storyPassword}, "language": {"en"}, "terms": {"yes"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	link := ""
	until(t, "the e-mail with the link", func() bool {
		for _, m := range mail.To("new@example.org") {
			link = linkInMail.FindString(m.Text)
		}
		return link != ""
	})
	if !strings.HasPrefix(link, s.api+"/") {
		t.Errorf("the link is %s, and the pages are at %s", link, s.api)
	}
	got, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		t.Errorf("the link leads to %d", got.StatusCode)
	}
}

// An address that is every address of the machine is none that a link can lead to.
func TestListenNamesAnAddressThatCanBeOpened(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", ":0", "0.0.0.0:0"} {
		l, at, err := listen(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		host, port, _ := strings.Cut(at, ":")
		if want := map[bool]string{true: "127.0.0.1", false: "localhost"}[strings.HasPrefix(address, "127")]; host != want || port == "0" || port == "" {
			t.Errorf("%s is said to be %s", address, at)
		}
	}
	if _, _, err := listen(t.Context(), "no such host:1"); err == nil {
		t.Error("a wrong address is no error")
	}
}
