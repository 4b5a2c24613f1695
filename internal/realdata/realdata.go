// Package realdata holds the real data that is shipped with the program, as its licences allow; see ATTRIBUTION.md.
package realdata

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

//go:embed online-retail.csv.zst
var onlineRetail []byte

//go:embed ecb-reference-rates.csv
var referenceRates []byte

// OnlineRetail opens the whole UCI data set "Online Retail" as CSV.
func OnlineRetail() (io.ReadCloser, error) {
	z, err := zstd.NewReader(bytes.NewReader(onlineRetail), zstd.WithDecoderMaxWindow(1<<27))
	if err != nil {
		return nil, fmt.Errorf("opening Online Retail: %w", err)
	}
	return z.IOReadCloser(), nil
}

// ReferenceRates opens the European Central Bank's reference rates of the days that the shipped data needs, as CSV.
func ReferenceRates() io.Reader { return bytes.NewReader(referenceRates) }
