package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web"
)

type serveCmd struct {
	databaseFlags
	Listen string `default:"127.0.0.1:8080" help:"Address to listen on."`
	Keys   string `type:"path" help:"File with the API keys; default: keys.json in the data folder." placeholder:"FILE"`
}

// Run serves the API and the pages until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	if c.Data != "" {
		if err := os.MkdirAll(c.Data, 0o755); err != nil {
			return fmt.Errorf("making the data folder: %w", err)
		}
	}
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	keys, err := readKeys(c.keyFile())
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	return serve(e, db, c.Listen, keys, log)
}

func (c *serveCmd) keyFile() string { return keyFile(c.Keys, c.Data) }

func keyFile(named, data string) string {
	if named != "" {
		return named
	}
	return filepath.Join(data, "keys.json")
}

// serve runs the settling, the clock and the server.
func serve(e *env, db store.Store, listen string, keys []rest.Key, log *slog.Logger) error {
	service, err := settle.New(e.ctx, db, e.now)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	settling := make(chan error, 1)
	// Settling outlives the server, so that calls which were taken in are answered.
	settleCtx, endSettling := context.WithCancel(context.WithoutCancel(e.ctx))
	go func() { settling <- service.Run(settleCtx) }()
	go tick(ctx, service, log)
	b := books.New(db, readBankFile, e.now)
	mux := http.NewServeMux()
	rest.New(service, b, intake.New(db, e.now), rest.NewGuard(keys, e.now), log, e.now).Register(mux)
	site, err := web.New(b, web.About{Title: "Programs"}, log)
	if err != nil {
		endSettling()
		return err
	}
	site.Register(mux)
	err = serveUntil(ctx, listen, mux, func(url string) { fmt.Fprintf(e.stdout, "Listening on %s with %d API keys\n", url, len(keys)) })
	endSettling()
	return errors.Join(err, <-settling)
}

// tick looks once a second whether a hold or a deadline ended, and whether facts were changed by somebody else.
func tick(ctx context.Context, s *settle.Service, log *slog.Logger) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Error("facts could not be read", "error", err)
			continue
		}
		if _, err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			log.Error("orders whose time has come could not be settled", "error", err)
		}
	}
}

// readKeys reads the API keys; no file means no keys.
func readKeys(path string) ([]rest.Key, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading API keys: %w", err)
	}
	var keys []rest.Key
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("reading API keys: %s: %w", path, err)
	}
	return keys, nil
}

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make an API key; its secret is shown once."`
	List   keysListCmd   `cmd:"" help:"List API keys, without secrets."`
}

type keysCreateCmd struct {
	Data      string   `type:"path" required:"" help:"Data folder." placeholder:"DIR"`
	Scopes    []string `default:"orders:write,clicks:write,facts:write,read" help:"What the key may do."`
	Publisher string   `help:"Limit the key to reading this publisher's money." placeholder:"NAME"`
}

// Run makes a key.
func (c *keysCreateCmd) Run(e *env) error {
	path := keyFile("", c.Data)
	keys, err := readKeys(path)
	if err != nil {
		return err
	}
	k := rest.Key{ID: "key_" + random(8), Secret: random(32), Publisher: c.Publisher, Made: e.now().UTC()}
	for _, s := range c.Scopes {
		k.Scopes = append(k.Scopes, rest.Scope(s))
	}
	if c.Publisher != "" {
		k.Scopes = []rest.Scope{rest.ScopeRead}
	}
	data, err := json.MarshalIndent(append(keys, k), "", "  ")
	if err != nil {
		return fmt.Errorf("keeping the API key: %w", err)
	}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("keeping the API key: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("keeping the API key: %w", err)
	}
	fmt.Fprintf(e.stdout, "key:    %s\nsecret: %s\nThe secret is not shown again. Restart the server to let the key in.\n", k.ID, k.Secret)
	return nil
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

type keysListCmd struct {
	Data string `type:"path" required:"" help:"Data folder." placeholder:"DIR"`
}

// Run lists keys.
func (c *keysListCmd) Run(e *env) error {
	keys, err := readKeys(keyFile("", c.Data))
	if err != nil {
		return err
	}
	for _, k := range keys {
		fmt.Fprintf(e.stdout, "%s %v %s made %s\n", k.ID, k.Scopes, k.Publisher, k.Made.Format(time.DateOnly))
	}
	return nil
}
