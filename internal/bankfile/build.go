package bankfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/payout"
)

// File is a bank file with its bytes.
type File struct {
	payout.File
	MediaType string
	Data      []byte
}

// Build makes the bank files of a frozen run: one pain.001 for all methods that are bank transfers, and a file for each
// other method. It depends on the run alone. A payout that cannot be written is an error that names it: exclude its
// publisher, or cancel the run.
func Build(r *payout.Run) ([]File, error) {
	if len(live(r, "")) == 0 {
		return nil, fmt.Errorf("building the files of run %s: it has no payouts", r.ID)
	}
	var errs []error
	for _, p := range live(r, "") {
		if err := Check(p.Payee, p.Method, r.Currency); err != nil {
			errs = append(errs, fmt.Errorf("payout %s of publisher %s: %w", p.ID, p.Publisher, err))
		}
	}
	var files []File
	for _, g := range groups(r) {
		var data []byte
		var err error
		name, media := r.ID+"-"+g.methods[0]+".csv", "text/csv; charset=utf-8"
		switch g.format {
		case Pain001:
			name, media = r.ID+".xml", "application/xml"
			if err = CheckPayer(r.Payer, r.Currency); err == nil {
				data, err = pain001(r, g.methods)
			}
		case PayPal:
			data, err = payPal(r, g.methods[0])
		default:
			data, err = list(r, g.methods[0])
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		fingerprint := sha256.Sum256(data)
		count, total := sums(r, g.methods)
		files = append(files, File{
			File:      payout.File{Name: name, SHA256: hex.EncodeToString(fingerprint[:]), Methods: g.methods, Payments: count, Total: total},
			MediaType: media, Data: data,
		})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("building the files of run %s: %w", r.ID, err)
	}
	return files, nil
}

// Records are what the run keeps of its files.
func Records(files []File) []payout.File {
	records := make([]payout.File, len(files))
	for i, f := range files {
		records[i] = f.File
	}
	return records
}

// group is the methods that go into one file.
type group struct {
	format  Format
	methods []string
}

func groups(r *payout.Run) []group {
	var methods []string
	for _, p := range live(r, "") {
		if !slices.Contains(methods, p.Method) {
			methods = append(methods, p.Method)
		}
	}
	slices.Sort(methods)
	var gs []group
	for _, m := range methods {
		f := FormatOf(m)
		i := slices.IndexFunc(gs, func(g group) bool { return g.format == f && f == Pain001 })
		if i < 0 {
			gs = append(gs, group{f, []string{m}})
			continue
		}
		gs[i].methods = append(gs[i].methods, m)
	}
	return gs
}

// live are the payouts of a method (or of all) that were not put back before the files were made. What was put back
// later, because the run was cancelled, still stands in them.
func live(r *payout.Run, method string) []*payout.Payout {
	var ps []*payout.Payout
	for i := range r.Payouts {
		if p := &r.Payouts[i]; p.Status != payout.Excluded && (method == "" || p.Method == method) {
			ps = append(ps, p)
		}
	}
	return ps
}

// sums counts and adds up the payouts of methods. The run as a whole does not overflow.
func sums(r *payout.Run, methods []string) (count int, net int64) {
	for _, p := range live(r, "") {
		if slices.Contains(methods, p.Method) {
			count++
			net += p.Net
		}
	}
	return count, net
}

// decimals writes a run's minor units in major units.
func decimals(r *payout.Run, minor int64) string {
	return amount(minor, r.Currency).Decimal()
}

// end makes a text file end in one line break.
func end(b []byte) []byte { return append(bytes.TrimRight(b, "\n"), '\n') }
