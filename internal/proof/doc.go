// Package proof holds the tests about the tests: bugs that somebody could have made in the code that decides and books
// money, each of which the tests must notice (trust: a green test without a red control does not count). docs/proofs.md
// says which test proves which promise.
package proof
