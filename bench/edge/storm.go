package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// storm imports products and reads reports, one after the other, for as long as it may.
func storm(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	db, err := sqlite.Open(ctx, filepath.Join(args[0], "storm.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Println("ready")
	for n := 0; ctx.Err() == nil; n++ {
		products := make([]*catalog.Product, 5000)
		for i := range products {
			products[i] = &catalog.Product{ID: fmt.Sprint("p", n*len(products)+i), Store: fmt.Sprint("s", i%100), Category: "toys", Affiliate: true}
		}
		err := db.Update(ctx, func(tx store.Tx) error { return tx.Facts().PutCatalog(ctx, products, nil) })
		if err == nil {
			err = db.View(ctx, func(tx store.Tx) error {
				_, err := tx.Decisions().Sums(ctx)
				return err
			})
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// storm starts one on the server's processor, behind it in rank as a batch job is, and returns what ends it.
func (b *bench) storm(ctx context.Context) (calm func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "nice", "-n", "10", "taskset", "-c", serverCPU, self, "storm", b.dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var ready string
	if _, err := fmt.Fscan(out, &ready); err != nil {
		return nil, errors.Join(err, cmd.Wait())
	}
	time.Sleep(200 * time.Millisecond) // it is at work
	return func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return cmd.Wait()
	}, nil
}
