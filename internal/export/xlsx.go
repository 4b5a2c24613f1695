package export

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/clickledger/clickledger/internal/app/reports"
)

// xlsxWriter writes a workbook: the rows in the sheet "Report", and in further ones where a sheet is full, and totals and the time that
// the report is true at in the sheet "About". Text is text, so nothing in it is a formula.
type xlsxWriter struct {
	to       io.Writer
	file     *excelize.File
	sheet    *excelize.StreamWriter
	sheets   int
	row      int // of the sheet, from 1
	head     *reports.Head
	maxRows  int
	cells    []any
	decimals map[int]int // styles by the number of decimals
}

// Begin implements reports.Sink.
func (x *xlsxWriter) Begin(h *reports.Head) error {
	x.file, x.head = excelize.NewFile(), h
	x.cells = make([]any, len(h.Columns))
	x.decimals = make(map[int]int)
	if x.maxRows == 0 {
		x.maxRows = excelize.TotalRows
	}
	return x.next()
}

// next begins a sheet.
func (x *xlsxWriter) next() (err error) {
	x.sheets++
	name := "Report"
	if x.sheets == 1 {
		err = x.file.SetSheetName("Sheet1", name)
	} else {
		if err := x.sheet.Flush(); err != nil {
			return err
		}
		name = fmt.Sprintf("Report %d", x.sheets)
		_, err = x.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if x.sheet, err = x.file.NewStreamWriter(name); err != nil {
		return err
	}
	x.row = 0
	if err := x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	names := make([]any, len(x.head.Columns))
	for i, c := range x.head.Columns {
		names[i] = c.Name
	}
	return x.write(names)
}

func (x *xlsxWriter) write(cells []any) error {
	x.row++
	return x.sheet.SetRow("A"+strconv.Itoa(x.row), cells)
}

// Row implements reports.Sink.
func (x *xlsxWriter) Row(cells []string) error {
	if x.row == x.maxRows {
		if err := x.next(); err != nil {
			return err
		}
	}
	for i, cell := range cells {
		v, err := x.cell(x.head.Columns[i].Kind, cell)
		if err != nil {
			return err
		}
		x.cells[i] = v
	}
	return x.write(x.cells)
}

// mostDigits is how many digits a cell's number keeps: what is longer is written as text.
const mostDigits = 15

// cell is a cell's value.
func (x *xlsxWriter) cell(kind reports.CellKind, text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	switch kind {
	case reports.Count, reports.Amount, reports.Percent:
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		if len(whole)+len(fraction) > mostDigits {
			return text, nil
		}
		// A workbook has no other numbers than these; up to 15 digits they say what was given.
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		style, err := x.style(len(fraction))
		return excelize.Cell{StyleID: style, Value: n}, err
	}
	return text, nil
}

// style is the style of numbers with some decimals.
func (x *xlsxWriter) style(decimals int) (int, error) {
	if id, ok := x.decimals[decimals]; ok {
		return id, nil
	}
	format := "0"
	if decimals > 0 {
		format += "." + strings.Repeat("0", decimals)
	}
	id, err := x.file.NewStyle(&excelize.Style{CustomNumFmt: &format})
	x.decimals[decimals] = id
	return id, err
}

// End implements reports.Sink.
func (x *xlsxWriter) End(string) error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	if _, err := x.file.NewSheet("About"); err != nil {
		return err
	}
	about, err := x.file.NewStreamWriter("About")
	if err != nil {
		return err
	}
	x.sheet, x.row = about, 0
	c := &x.head.Complete
	rows := [][]any{
		{"report", string(x.head.Query.Kind)}, {"as_of", c.AsOf.UTC().Format(time.RFC3339)}, {"orders_to", c.OrdersTo.UTC().Format(time.RFC3339)},
	}
	if !c.LastClick.IsZero() {
		rows = append(rows, []any{"last_click", c.LastClick.UTC().Format(time.RFC3339)})
	}
	rows = append(rows, nil, []any{"totals"})
	names := make([]any, len(x.head.Columns))
	for i, col := range x.head.Columns {
		names[i] = col.Name
	}
	rows = append(rows, names)
	for _, r := range rows {
		if err := x.write(r); err != nil {
			return err
		}
	}
	for _, t := range x.head.Totals {
		if err := x.Row(t); err != nil {
			return err
		}
	}
	if err := about.Flush(); err != nil {
		return err
	}
	return x.file.Write(x.to)
}

// Close implements Writer.
func (x *xlsxWriter) Close() error {
	if x.file == nil {
		return nil
	}
	return x.file.Close()
}
