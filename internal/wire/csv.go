package wire

// SafeCell keeps a spreadsheet from taking a text for a formula: text that begins like one gets an apostrophe in front.
// Numbers are not texts; they are written as they are.
func SafeCell(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', 0:
		return "'" + s
	}
	return s
}
