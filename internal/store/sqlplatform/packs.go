package sqlplatform

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

type packs struct{ *sqltx.Tx }

// PutBestSellers implements store.Packs.
func (t packs) PutBestSellers(ctx context.Context, b store.BestSellers) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- packs.PutBestSellers
WITH r AS ({rows})
INSERT INTO best_sellers (program, market, month, from_at, to_at, products, made_at) SELECT program, market, month, from_at, to_at, products, made_at
FROM r WHERE true
ON CONFLICT (program, month, market) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at, products = excluded.products,
	made_at = excluded.made_at`,
		Rows: []sqltx.Column{
			keyed("program", string(b.Program)), keyed("market", b.Market), keyed("month", b.Month), when("from_at", b.From), when("to_at", b.To),
			sqltx.JSONOf("products", 1, func(int) []store.BestSeller { return b.Products }), when("made_at", b.MadeAt),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping best sellers: %w", err)
	}
	return nil
}

// BestSellers implements store.Packs.
func (t packs) BestSellers(ctx context.Context, p program.ID) ([]store.BestSellers, error) {
	var all []store.BestSellers
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- packs.BestSellers
SELECT market, month, from_at, to_at, products, made_at FROM best_sellers
WHERE program = $1 AND month = (SELECT max(month) FROM best_sellers WHERE program = $1) ORDER BY market`,
		Args: []any{string(p)},
	}, func(scan func(...any) error) error {
		b := store.BestSellers{Program: p}
		var from, to, made int64
		var products []byte
		if err := scan(&b.Market, &b.Month, &from, &to, &products, &made); err != nil {
			return err
		}
		b.From, b.To, b.MadeAt = sqltx.Instant(from), sqltx.Instant(to), sqltx.Instant(made)
		if err := json.Unmarshal(products, &b.Products); err != nil {
			return fmt.Errorf("reading products: %w", err)
		}
		all = append(all, b)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the best sellers of %q: %w", p, err)
	}
	return all, nil
}

// Put implements store.Packs.
func (t packs) Put(ctx context.Context, p store.Pack) error {
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- packs.Put
WITH r AS ({rows})
INSERT INTO packs (application, program, publisher, ad_space, sent_at, letters) SELECT application, program, publisher, ad_space, sent_at, letters
FROM r WHERE true ON CONFLICT (application) DO NOTHING`,
		Rows: []sqltx.Column{
			numbered("application", p.Application), given("program", string(p.Program)), keyed("publisher", p.Publisher), given("ad_space", p.AdSpace),
			when("sent_at", p.SentAt), numbered("letters", p.Letters),
		},
	})
	if err == nil && n == 0 {
		err = store.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("noting the welcome pack of application %d: %w", p.Application, err)
	}
	return nil
}

// Of implements store.Packs.
func (t packs) Of(ctx context.Context, publisher string) ([]store.Pack, error) {
	var all []store.Pack
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- packs.Of
SELECT application, program, ad_space, sent_at, letters FROM packs WHERE publisher = $1 ORDER BY application DESC`,
		Args: []any{publisher},
	}, func(scan func(...any) error) error {
		p := store.Pack{Publisher: publisher}
		var sent int64
		err := scan(&p.Application, &p.Program, &p.AdSpace, &sent, &p.Letters)
		p.SentAt = sqltx.Instant(sent)
		all = append(all, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the welcome packs of %q: %w", publisher, err)
	}
	return all, nil
}

// ListedStores implements store.Packs. A store without lists has the text '[]' or 'null', which sorts behind every list with elements.
func (t packs) ListedStores(ctx context.Context) ([]*seller.Store, error) {
	var all []*seller.Store
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- packs.ListedStores
SELECT id, name, lists FROM stores WHERE lists < '[]' ORDER BY id`,
	}, func(scan func(...any) error) error {
		var s seller.Store
		var lists []byte
		if err := scan(&s.ID, &s.Name, &lists); err != nil {
			return err
		}
		if err := json.Unmarshal(lists, &s.Lists); err != nil {
			return fmt.Errorf("reading the lists of store %q: %w", s.ID, err)
		}
		all = append(all, &s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the stores that are on a list: %w", err)
	}
	return all, nil
}
