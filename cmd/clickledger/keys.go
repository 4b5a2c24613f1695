package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/keyfile"
	"github.com/clickledger/clickledger/internal/rest/call"
)

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make an API key; its secret is shown once."`
	List   keysListCmd   `cmd:"" help:"List API keys, without secrets."`
}

type keysCreateCmd struct {
	Data      string   `type:"path" required:"" help:"Data folder." placeholder:"DIR"`
	Scopes    []string `default:"orders:write,clicks:write,facts:write,links:write,read" enum:"orders:write,clicks:write,facts:write,links:write,stores:write,payouts:write,cases:write,read" help:"What the key may do."`
	Person    string   `help:"Who answers for what is done with the key; without a person it moves no money, works on no trust cases and changes no store." placeholder:"NAME"`
	Publisher string   `help:"Limit the key to this publisher: its links, orders and money." placeholder:"NAME"`
}

// Run makes a key.
func (c *keysCreateCmd) Run(e *env) error {
	if err := files.CanBeFolder("--data", c.Data); err != nil {
		return err
	}
	path := keyfile.In(c.Data)
	keys, err := keyfile.Read(path)
	if err != nil {
		return err
	}
	k := call.Key{ID: "key_" + random(8), Secret: random(32), Publisher: c.Publisher, Person: c.Person, Made: e.now().UTC()}
	for _, s := range c.Scopes {
		k.Scopes = append(k.Scopes, call.Scope(s))
	}
	if c.Publisher != "" {
		k.Scopes = []call.Scope{call.ScopeLinks, call.ScopeRead}
	}
	if c.Person != "" {
		k.Scopes = append(k.Scopes, call.ScopePayouts, call.ScopeCases)
		if c.Publisher == "" {
			k.Scopes = append(k.Scopes, call.ScopeStores)
		}
		slices.Sort(k.Scopes)
		k.Scopes = slices.Compact(k.Scopes)
	}
	if err := keyfile.Write(path, append(keys, k)); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "key:    %s\nsecret: %s\nIt is kept in %s; the secret is not shown again. Restart the server to let the key in.\n", k.ID, k.Secret, path)
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
	if err := files.CanBeFolder("--data", c.Data); err != nil {
		return err
	}
	path := keyfile.In(c.Data)
	keys, err := keyfile.Read(path)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		fmt.Fprintf(e.stdout, "there are no API keys in %s\n", path)
	}
	for _, k := range keys {
		fmt.Fprintf(e.stdout, "%s %v %s made %s\n", k.ID, k.Scopes, k.Publisher, k.Made.Format(time.DateOnly))
	}
	return nil
}
