package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	personPattern = regexp.MustCompile(`name="person" value="([^"]+)"`)
	navPattern    = regexp.MustCompile(`<nav[^>]*>(?s:.*?)</nav>`)
	hrefPattern   = regexp.MustCompile(`href="(/[^"]*)"`)
)

// startDemo starts a small demo that ends with the test, and returns where its pages are.
func startDemo(t *testing.T) (base string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--data", filepath.Join(t.TempDir(), "demo"), "--listen", "127.0.0.1:0", "--clicks", "600", "--rate", "60"}, in, &errs, time.Now)
		in.Close()
	}()
	for lines := bufio.NewScanner(out); base == "" && lines.Scan(); {
		if _, at, ok := strings.Cut(lines.Text(), "Open "); ok {
			base = strings.TrimSuffix(at, "/")
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // what it prints later must not stop it
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("the demo ended with %d: %s", code, &errs)
		}
	})
	return base
}

// signIn sends the form of the sign-in page and returns who remembers it, and the page that came.
func signIn(t *testing.T, base string, form url.Values) (*http.Client, *http.Response) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	res, err := c.PostForm(base+"/sign-in", form)
	if err != nil {
		t.Fatal(err)
	}
	return c, res
}

// The demo as its visitors see it: everybody whose eyes one can look through finds every page of the navigation, and live orders come in
// over the demo's own edge.
func TestDemoPages(t *testing.T) {
	base := startDemo(t)
	get := func(c *http.Client, path string) (int, string) {
		t.Helper()
		res, err := c.Get(base + path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	_, door := get(http.DefaultClient, "/sign-in")
	people := personPattern.FindAllStringSubmatch(door, -1)
	if len(people) < 4 {
		t.Fatalf("%d people to look as in %s", len(people), door)
	}
	pages := 0
	for _, p := range people {
		c, res := signIn(t, base, url.Values{"person": {p[1]}, "next": {"/"}})
		home, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // it was read
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("as %s: %d, %v", p[1], res.StatusCode, err)
		}
		for _, nav := range navPattern.FindAllString(string(home), -1) {
			for _, a := range hrefPattern.FindAllStringSubmatch(nav, -1) {
				pages++
				if status, text := get(c, a[1]); status != http.StatusOK {
					t.Errorf("%s as %s: %d %.200s", a[1], p[1], status, text)
				}
			}
		}
		if strings.Contains(p[1], "ada") {
			until(t, "a live order is shown", func() bool {
				_, text := get(c, "/orders")
				return strings.Contains(text, "live-0")
			})
		}
	}
	if pages < 20 {
		t.Errorf("only %d pages were tried", pages)
	}
}
