// Package bankfile writes payout runs as bank files and reads what banks answer (M5).
//
// Written are ISO 20022 pain.001.001.09, a plain CSV, and the CSV that mass payments by e-mail address take. A file is a pure
// function of the frozen run: building it again gives the same bytes. Its message id is the run's id, its end-to-end ids
// are the payouts'.
//
// Read are camt.053 (001.02 and 001.08), pain.002 (001.03 and 001.10) and CSV. Readers stream, refuse what could exhaust the
// machine, and say where something is wrong. What they emitted counts only when they end without an error.
package bankfile
