package links

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"

	"github.com/boombuler/barcode/qr"

	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/link"
)

// Sizes of QR codes. Readers need an empty border of four modules around the code.
const (
	quiet  = 4
	module = 12 // pixels
)

// matrix is a QR code: which of its modules are dark, with the border around them.
type matrix struct {
	n    int // modules a side
	dark func(x, y int) bool
}

func matrixOf(address string) (matrix, error) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return matrix{}, err
	}
	n := code.Bounds().Dx()
	return matrix{n + 2*quiet, func(x, y int) bool {
		x, y = x-quiet, y-quiet
		if x < 0 || y < 0 || x >= n || y >= n {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r < 1<<15
	}}, nil
}

// png draws the code in black on white.
func (m matrix) png() ([]byte, error) {
	picture := image.NewPaletted(image.Rect(0, 0, m.n*module, m.n*module), color.Palette{color.White, color.Black})
	for y := range m.n * module {
		for x := range m.n * module {
			if m.dark(x/module, y/module) {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return b.Bytes(), err
}

// svg draws the code in black on white, a line of dark modules as one rectangle.
func (m matrix) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[1]d" viewBox="0 0 %[2]d %[2]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[2]dv%[2]dH0z"/><path d="`, m.n*module, m.n)
	for y := range m.n {
		for x := 0; x < m.n; x++ {
			from := x
			for x < m.n && m.dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%[3]dz", from, y, x-from)
			}
		}
	}
	b.WriteString("\"/></svg>\n")
	return b.Bytes()
}

// subs are the sub-IDs that are asked for, in their order.
func subs(q url.Values) (all [4]string) {
	for i := range all {
		all[i] = q.Get(link.SubName(i))
	}
	return all
}

// finished is the address of a link with sub-IDs; empty ones are left out.
func finished(address string, subs [4]string) string {
	before := "?"
	for i, s := range subs {
		if s != "" {
			address += before + link.SubName(i) + "=" + url.QueryEscape(s)
			before = "&"
		}
	}
	return address
}

// qr sends a link's QR code, with the sub-IDs that are asked for.
func (p *Pages) qr(r *page.Request, format string) (page.Answer, error) {
	l, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	m, err := matrixOf(finished(p.Links.URL(l.Code), subs(r.URL.Query())))
	if err != nil {
		return page.Answer{}, &page.Refused{Why: err.Error()} // the sub-IDs are longer than a code can hold
	}
	f := &page.File{Name: "link-" + l.Code + "." + format, Type: "image/svg+xml"}
	if format == "svg" {
		f.Data = m.svg()
	} else if f.Type, f.Data, err = pngFile(m); err != nil {
		return page.Answer{}, fmt.Errorf("drawing the QR code of link %s: %w", l.Code, err)
	}
	return page.Answer{File: f}, nil
}

func pngFile(m matrix) (kind string, data []byte, err error) {
	data, err = m.png()
	return "image/png", data, err
}
