// Package export writes reports as JSON, CSV and XLSX: the same rows in the same order with the same figures. Rows are written as they
// come, so a report may be of any size.
package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/wire"
)

// Format is a format of files.
type Format string

// The formats.
const (
	JSON Format = "json"
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// MediaType is the format's media type.
func (f Format) MediaType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/json"
}

// A Writer takes a report and writes it.
type Writer interface {
	reports.Sink
	// Close gives up what is left of a report that was not ended.
	Close() error
}

// New returns a writer of a format.
func New(f Format, w io.Writer) (Writer, error) {
	switch f {
	case JSON:
		return &jsonWriter{w: bufio.NewWriter(w)}, nil
	case CSV:
		return &csvWriter{w: csv.NewWriter(w)}, nil
	case XLSX:
		return &xlsxWriter{to: w}, nil
	}
	return nil, fmt.Errorf("%q is not a format; it is json, csv or xlsx", f)
}

// csvWriter writes a line of names and a line for each row (RFC 4180). Totals and the time that the report is true at are not in it, so
// that every line is a row.
type csvWriter struct {
	w       *csv.Writer
	columns []reports.Column
	cells   []string
}

func (c *csvWriter) Begin(h *reports.Head) error {
	c.columns = h.Columns
	c.cells = make([]string, len(h.Columns))
	for i, col := range h.Columns {
		c.cells[i] = col.Name
	}
	return c.w.Write(c.cells)
}

func (c *csvWriter) Row(cells []string) error {
	for i, cell := range cells {
		if c.columns[i].Kind == reports.Text {
			cell = wire.SafeCell(cell) // a sub-ID must not be a formula
		}
		c.cells[i] = cell
	}
	return c.w.Write(c.cells)
}

func (c *csvWriter) End(string) error {
	c.w.Flush()
	return c.w.Error()
}

func (c *csvWriter) Close() error { return nil }

// jsonWriter writes an object with the rows as an array of objects. Counts are numbers; amounts, shares and times are text, which keeps
// them exact; a figure that does not exist is null.
type jsonWriter struct {
	w       *bufio.Writer
	columns []reports.Column
	names   [][]byte // of the columns, as JSON with a colon
	rows    int
	line    []byte
}

// completeJSON says as of when a report is true.
type completeJSON struct {
	AsOf      time.Time     `json:"as_of"`
	OrdersTo  time.Time     `json:"orders_to"`
	LastClick *time.Time    `json:"last_click"`
	Logs      []logPosition `json:"logs"`
}

type logPosition struct {
	Log      string `json:"log"`
	Position string `json:"position"`
}

func completeOf(c *reports.Complete) completeJSON {
	out := completeJSON{AsOf: c.AsOf, OrdersTo: c.OrdersTo, Logs: []logPosition{}}
	if !c.LastClick.IsZero() {
		out.LastClick = &c.LastClick
	}
	for _, l := range c.Logs {
		out.Logs = append(out.Logs, logPosition{l.Log, l.Position})
	}
	return out
}

func (j *jsonWriter) Begin(h *reports.Head) error {
	j.columns = h.Columns
	for _, c := range h.Columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return err
		}
		j.names = append(j.names, append(name, ':'))
	}
	head, err := json.Marshal(struct {
		Report   reports.Kind `json:"report"`
		Complete completeJSON `json:"complete"`
	}{h.Query.Kind, completeOf(&h.Complete)})
	if err != nil {
		return err
	}
	j.line = append(append(j.line[:0], head[:len(head)-1]...), `,"totals":[`...)
	for i, t := range h.Totals {
		if i > 0 {
			j.line = append(j.line, ',')
		}
		if err := j.object(t); err != nil {
			return err
		}
	}
	j.line = append(j.line, `],"rows":[`...)
	return j.flush()
}

func (j *jsonWriter) flush() error {
	_, err := j.w.Write(j.line)
	j.line = j.line[:0]
	return err
}

// object appends a row.
func (j *jsonWriter) object(cells []string) error {
	j.line = append(j.line, '{')
	for i, cell := range cells {
		if i > 0 {
			j.line = append(j.line, ',')
		}
		j.line = append(j.line, j.names[i]...)
		switch {
		case j.columns[i].Kind == reports.Text:
			text, err := json.Marshal(cell)
			if err != nil {
				return err
			}
			j.line = append(j.line, text...)
		case cell == "":
			j.line = append(j.line, "null"...)
		case j.columns[i].Kind == reports.Count:
			j.line = append(j.line, cell...)
		default: // digits and signs only
			j.line = append(append(append(j.line, '"'), cell...), '"')
		}
	}
	j.line = append(j.line, '}')
	return nil
}

func (j *jsonWriter) Row(cells []string) error {
	if j.rows > 0 {
		j.line = append(j.line, ',')
	}
	j.rows++
	j.line = append(j.line, '\n')
	if err := j.object(cells); err != nil {
		return err
	}
	return j.flush()
}

func (j *jsonWriter) End(next string) error {
	end, err := json.Marshal(next)
	if err != nil {
		return err
	}
	j.line = append(append(append(j.line, `],"next":`...), end...), "}\n"...)
	if err := j.flush(); err != nil {
		return err
	}
	return j.w.Flush()
}

func (j *jsonWriter) Close() error { return nil }
