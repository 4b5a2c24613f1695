// Package qr draws addresses as QR codes, for whoever prints a link (L8).
package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

// Sizes of QR codes. Readers need an empty border of four modules around the code.
const (
	quiet  = 4
	module = 12 // pixels
)

// Code is a QR code: which of its modules are dark, with the border around them.
type Code struct {
	n    int // modules a side
	dark func(x, y int) bool
}

// Of is the code of an address. One that is longer than a code can hold is an error.
func Of(address string) (Code, error) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return Code{}, err
	}
	n := code.Bounds().Dx()
	return Code{n + 2*quiet, func(x, y int) bool {
		x, y = x-quiet, y-quiet
		if x < 0 || y < 0 || x >= n || y >= n {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r < 1<<15
	}}, nil
}

// PNG draws the code in black on white.
func (c Code) PNG() ([]byte, error) {
	picture := image.NewPaletted(image.Rect(0, 0, c.n*module, c.n*module), color.Palette{color.White, color.Black})
	for y := range c.n * module {
		for x := range c.n * module {
			if c.dark(x/module, y/module) {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return b.Bytes(), err
}

// SVG draws the code in black on white, a line of dark modules as one rectangle.
func (c Code) SVG() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[1]d" viewBox="0 0 %[2]d %[2]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[2]dv%[2]dH0z"/><path d="`, c.n*module, c.n)
	for y := range c.n {
		for x := 0; x < c.n; x++ {
			from := x
			for x < c.n && c.dark(x, y) {
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
