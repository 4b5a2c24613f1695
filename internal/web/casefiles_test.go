package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/trust"
)

// hand sends a form with a file as somebody.
func (h *house) hand(t *testing.T, who, target, name string, data []byte, fields ...string) *http.Response {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, target, &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "session", Value: "token-" + who})
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	return w.Result()
}

// M4: evidence as files: the operator's before the publisher is told, the publisher's with its answer. What a file is, its bytes say; it is
// a file to save and nothing that a browser opens here; only those in the case get it, the publisher the operator's when a decision rests
// on it.
func TestM4_FilesOfACase(t *testing.T) {
	h := newHouse(t)
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-00", State: "approved"}, "", 1)
	if err != nil || len(records) == 0 {
		t.Fatal(err)
	}
	c, err := h.cases.Open(t.Context(), cases.Draft{
		Program: records[0].Program, Publisher: "pub-00", Category: "bots", Items: []cases.Ref{{Order: records[0].Order, Item: records[0].Item}}, Evidence: []trust.Evidence{{Kind: "text", Text: "seen"}},
	}, "operator-reviewer")
	if err != nil {
		t.Fatal(err)
	}
	at := "/cases/" + c.ID
	pdf, png := []byte("%PDF-1.7\nlog of clicks"), []byte("\x89PNG\r\n\x1a\n picture")
	status := func(what string, res *http.Response, want int) {
		t.Helper()
		if res.StatusCode != want {
			t.Fatalf("%s: %d, want %d: %s", what, res.StatusCode, want, body(t, res))
		}
	}
	status("a page as evidence", h.hand(t, opReviewer, at+"/file", "log.pdf", []byte("<html>\x00<script>alert(1)</script>")), http.StatusUnprocessableEntity)
	status("a program as evidence", h.hand(t, opReviewer, at+"/file", "log.pdf", []byte("MZ\x90\x00\x03")), http.StatusUnprocessableEntity)
	status("an empty file", h.hand(t, opReviewer, at+"/file", "log.pdf", nil), http.StatusUnprocessableEntity)
	status("too great a file", h.hand(t, opReviewer, at+"/file", "log.pdf", append([]byte("%PDF-"), make([]byte, cases.MaxFile)...)), http.StatusUnprocessableEntity)
	status("a file of a seller", h.hand(t, "seller-owner", at+"/file", "log.pdf", pdf), http.StatusForbidden)
	status("a file as evidence", h.hand(t, opReviewer, at+"/file", `..\..\"log" <x>.pdf`, pdf), http.StatusSeeOther)
	see := func(who, path string, all ...string) {
		t.Helper()
		text := body(t, h.call(who, "GET", path, nil))
		for _, s := range all {
			if gone, not := strings.CutPrefix(s, "!"); not == strings.Contains(text, strings.TrimPrefix(s, "!")) {
				t.Errorf("%s as %s: %q is there: %t", path, who, gone, not)
			}
		}
	}
	see(opReviewer, at, at+"/files/1", "log&#34; &lt;x&gt;.pdf", "SHA-256")
	if _, err := h.cases.Hold(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	status("evidence after the publisher was told", h.hand(t, opReviewer, at+"/file", "late.pdf", pdf), http.StatusUnprocessableEntity)
	// The publisher sends a file with its answer, and one without words.
	status("a reader's answer", h.hand(t, pubReader, "/publisher"+at+"/answer", "a.png", png), http.StatusForbidden)
	status("an answer with a file", h.hand(t, pubOwner, "/publisher"+at+"/answer", "class.png", png, "text", "a class of pupils"), http.StatusSeeOther)
	status("a file alone", h.hand(t, pubOwner, "/publisher"+at+"/answer", "notes.txt", []byte("<b>only text</b>\n")), http.StatusSeeOther)
	see(pubOwner, "/publisher"+at, "a class of pupils", "/publisher"+at+"/files/2", "notes.txt", "!/files/1")
	see(opReviewer, at, at+"/files/2", at+"/files/3")
	handedOut := func(who, path, kind string, want []byte) {
		t.Helper()
		res := h.call(who, "GET", path, nil)
		got, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
			t.Errorf("%s as %s: %d, %d bytes, %v", path, who, res.StatusCode, len(got), err)
		}
		if h := res.Header; h.Get("Content-Type") != kind || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s is handed out with %v", path, h)
		}
	}
	handedOut(opReviewer, at+"/files/1", "application/pdf", pdf)
	handedOut("operator-finance", at+"/files/2", "image/png", png)
	handedOut(pubReader, "/publisher"+at+"/files/2", "image/png", png)
	handedOut(pubOwner, "/publisher"+at+"/files/3", "text/plain; charset=utf-8", []byte("<b>only text</b>\n"))
	for _, x := range []struct {
		who, path string
		want      int
	}{
		{pubOwner, "/publisher" + at + "/files/1", 404}, {pubOwner, "/publisher" + at + "/files/0", 404}, {pubOwner, "/publisher" + at + "/files/9", 404}, {pubOwner, "/publisher" + at + "/files/x", 404},
		{pubOwner, at + "/files/1", 403}, {"seller-owner", "/publisher" + at + "/files/2", 403}, {opReviewer, at + "/files/4", 404}, {opReviewer, "/cases/none/files/1", 404},
		{pubOwner, "/publisher/cases/" + h.suspect(t, "pub-01") + "/files/1", 404},
	} {
		status(x.path+" as "+x.who, h.call(x.who, "GET", x.path, nil), x.want)
	}
	// What the decision rests on, the publisher gets.
	if _, err := h.cases.Decide(t.Context(), c.ID, trust.Ruling{By: "operator-finance", Reason: "bots", Note: "the log shows it", Sanctions: []trust.Sanction{trust.Deduction}}); err != nil {
		t.Fatal(err)
	}
	see(pubOwner, "/publisher"+at, "/publisher"+at+"/files/1")
	handedOut(pubOwner, "/publisher"+at+"/files/1", "application/pdf", pdf)
	// An appeal with a file, and one in the conversation after it.
	see(pubOwner, "/publisher"+at, `action="/publisher`+at+`/appeal" enctype="multipart/form-data"`)
	status("an appeal with a program", h.hand(t, pubOwner, "/publisher"+at+"/appeal", "school.pdf", []byte("MZ\x90\x00\x03"), "text", "ask the school"), http.StatusUnprocessableEntity)
	status("an appeal without words", h.hand(t, pubOwner, "/publisher"+at+"/appeal", "school.pdf", pdf, "text", " "), http.StatusUnprocessableEntity)
	status("a reader's appeal", h.hand(t, pubReader, "/publisher"+at+"/appeal", "school.pdf", pdf, "text", "ask the school"), http.StatusForbidden)
	see(pubOwner, "/publisher"+at, "!school.pdf", "!ask the school")
	status("an appeal with a file", h.hand(t, pubOwner, "/publisher"+at+"/appeal", "school.pdf", pdf, "text", "ask the school"), http.StatusSeeOther)
	see(pubOwner, "/publisher"+at, "ask the school", "school.pdf", "/publisher"+at+"/files/4")
	see(opReviewer, at, "ask the school", "school.pdf", at+"/files/4")
	handedOut("operator-admin", at+"/files/4", "application/pdf", pdf)
	handedOut(pubReader, "/publisher"+at+"/files/4", "application/pdf", pdf)
	status("a file after the appeal", h.hand(t, pubOwner, "/publisher"+at+"/answer", "pupils.png", png), http.StatusSeeOther)
	handedOut("operator-admin", at+"/files/5", "image/png", png)
	// Each side has its share.
	for i := 0; ; i++ {
		if _, err := h.cases.AnswerWith(t.Context(), c.ID, "pub-00", "p", "more", cases.Upload{Name: "x.pdf", Data: pdf}); err != nil {
			if i+4 != cases.MaxFiles {
				t.Errorf("after %d files: %v", i+4, err)
			}
			break
		}
	}
}
