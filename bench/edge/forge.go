package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/edgenode"
)

// forge tries tokens that nobody signed: good ones with one character changed, and random ones. None may be accepted.
func (b *bench) forge() error {
	keys, err := edgenode.ReadKeys(filepath.Join(b.dir, keyFile))
	if err != nil {
		return err
	}
	now := time.Now()
	good, err := keys.Tokens.Append(nil, &token.Claims{Click: token.NewID(now, token.Nonce{1}), Link: 7})
	if err != nil {
		return err
	}
	if _, err := keys.Tokens.Parse(string(good), now); err != nil {
		return fmt.Errorf("the control, a good token, is refused: %w", err)
	}
	var accepted atomic.Int64
	var wg sync.WaitGroup
	workers := runtime.NumCPU()
	begin := time.Now()
	for w := range workers {
		wg.Go(func() {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
			r := rand.New(rand.NewPCG(uint64(w), 9))
			text := make([]byte, len(good))
			for i := range b.forged / workers {
				copy(text, good)
				if i%2 == 0 { // one character is another one
					at := r.IntN(len(text))
					for text[at] == good[at] {
						text[at] = alphabet[r.IntN(len(alphabet))]
					}
				} else { // the signature is random, the rest is right
					for at := 2; at < len(text); at++ {
						if at > len(text)/2 {
							text[at] = alphabet[r.IntN(len(alphabet))]
						}
					}
				}
				if _, err := keys.Tokens.Parse(string(text), now); err == nil {
					accepted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	fmt.Printf("\n%d forged tokens in %v: %d accepted.\n", b.forged/workers*workers, time.Since(begin).Round(100*time.Millisecond), accepted.Load())
	if accepted.Load() > 0 {
		return fmt.Errorf("%d forged tokens were accepted", accepted.Load())
	}
	return nil
}
