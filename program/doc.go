// Package program holds the terms of an affiliate program as data (P1-P4, C1-C9): how a program document is read, validated,
// versioned and compared. All that decides who wins an order and what it earns stands in a document; no code knows a
// program's name. The subpackage check looks a valid document over before it is published.
package program
