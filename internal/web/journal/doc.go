// Package journal draws transactions.
package journal
