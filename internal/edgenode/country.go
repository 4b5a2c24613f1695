package edgenode

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Countries returns what looks addresses up in a database of countries, an .mmdb file that the operator brings along: the countries of
// "country" and "iso_code", or of "country_code", as the usual ones have them. The file may be replaced while the node runs. It is read as
// a whole, so that it may also be written over.
func Countries(path string, now func() time.Time, log *slog.Logger) (func(netip.Addr) [2]byte, error) {
	w := &watched[maxminddb.Reader]{files: []string{path}, now: now}
	w.read = func() (*maxminddb.Reader, error) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		return maxminddb.OpenBytes(data)
	}
	w.told = func(err error) {
		if err != nil {
			log.Error("the database of countries cannot be read; the old one is used on", "error", err)
			return
		}
		log.Info("the redirect has a new database of countries", "file", path)
	}
	if err := w.start(); err != nil {
		return nil, fmt.Errorf("the database of countries: %w", err)
	}
	return func(a netip.Addr) [2]byte { return countryOf(w.get(), a) }, nil
}

// countryOf is an address's country, or zero where it is not known.
func countryOf(db *maxminddb.Reader, a netip.Addr) (code [2]byte) {
	found := db.Lookup(a.Unmap())
	var text string
	if err := found.DecodePath(&text, "country", "iso_code"); err != nil || text == "" {
		if err := found.DecodePath(&text, "country_code"); err != nil {
			return code
		}
	}
	if len(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z' {
		copy(code[:], text)
	}
	return code
}
