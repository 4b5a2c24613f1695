package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// I6: on Turkish pages what is wrong with a form is said in Turkish, beside the field; on English ones in English.
func TestI6_FormsSayWhatIsWrongInTheReadersLanguage(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		who, address     string
		form             []string
		english, turkish string
	}{
		{pubOwner, "/publisher/spaces", []string{"id", "my blog"}, `"my blog" is none: use up to 64 letters`, `"my blog" olmaz: en çok 64 harf`},
		{pubOwner, "/publisher/spaces", []string{"id", "x", "kind", "blog", "name", "N", "url", "ftp://x", "languages", "en"}, "is no public address", "herkese açık bir adres değil"},
		{pubOwner, "/publisher/profile", nil, "say whom you reach", "kimlere ulaştığınızı yazın"},
		{pubOwner, "/publisher/endpoints", []string{"id", "tracker", "kind", "postback", "address", "http://x/"}, "it must begin with https://", "https:// ile başlamalı"},
		{pubOwner, "/publisher/links", []string{"program", "tr", "addresses", "https://evil.example/x"}, "", "olmayan bir alan adına götürüyor"},
		{pubOwner, "/publisher/help/tickets", []string{"kind", "payment", "subject", "S"}, "it is empty: write something", "boş: bir şey yazın"},
		{pubOwner, "/publisher/help/tickets", []string{"kind", "missing_order", "subject", "S", "text", "T"}, "name the order and its program", "siparişi ve programını yazın"},
		{pubOwner, "/publisher/payout-details/edit", []string{"country", "Germany", "method", "bank"}, "is no country code", "ülke kodu değil"},
		{"seller-owner", "/seller/stores/" + ownStore + "/rate", []string{"rate", "much"}, "is no percentage", "bir yüzde değil"},
		{"seller-owner", "/seller/stores/" + ownStore + "/campaign", []string{"percent", "20"}, "give a name of up to 100 characters", "en çok 100 karakterlik bir ad verin"},
		{"seller-owner", "/seller/help/tickets", []string{"kind", "payment", "text", "T"}, "it is empty: write something", "boş: bir şey yazın"},
		{opReviewer, "/cases", []string{"program", "tr", "category", "bots"}, "name the publisher", "yayıncıyı yazın"},
		{opReviewer, "/publishers/pub-00/manager", []string{"name", "Ida", "email", "ida"}, "is no e-mail address", "bir e-posta adresi değil"},
		{opReviewer, "/announcements", []string{"audience", "publishers"}, "write it in one language at least", "en az bir dilde yazın"},
	} {
		for lang, want := range map[string]string{"en": c.english, "tr": c.turkish} {
			form := url.Values{}
			for i := 0; i+1 < len(c.form); i += 2 {
				form.Set(c.form[i], c.form[i+1])
			}
			r := httptest.NewRequest(http.MethodPost, c.address, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: "session", Value: "token-" + c.who})
			r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
			w := httptest.NewRecorder()
			h.h.ServeHTTP(w, r)
			if text := html.UnescapeString(w.Body.String()); !strings.Contains(text, want) {
				t.Errorf("POST %s %v in %s: %d without %q\n%s", c.address, c.form, lang, w.Code, want, text)
			}
		}
	}
}
