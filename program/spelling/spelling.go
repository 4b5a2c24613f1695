// Package spelling finds the name that a misspelt one was meant to be.
package spelling

import "strings"

// Closest returns the candidate that a misspelt name was probably meant to be: one that begins like it, or is a few letters away; or "".
func Closest(name string, candidates []string) string {
	best, found := len(name)/3+1, ""
	if len(name) > 64 {
		return ""
	}
	for _, c := range candidates {
		if len(name) > 2 && len(c) > 2 && (strings.HasPrefix(c, name) || strings.HasPrefix(name, c)) {
			return c
		}
		if max(len(c)-len(name), len(name)-len(c)) >= best {
			continue // that many letters are missing or too many
		}
		if d := Distance(name, c); d < best {
			best, found = d, c
		}
	}
	return found
}

// Distance is the number of letters to change, add or drop between two names; two letters that changed places count once.
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
