package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

func reportChecks() []Check {
	return []Check{
		{"Reports: the sums are those of a recount after any history (R4)", reportsRecount},
		{"Reports: clicks count once, whenever it is known what an edge saw of them (R1, L2)", reportsVisits},
		{"Reports: today's clicks are added up until a time, and anew when one before it comes late (R4)", reportsToday},
		{"Reports: what is forgotten stays counted, and what comes late is added (L3)", reportsForgotten},
		{"Reports: a decision that changes moves its figures (R4)", reportsMove},
		{"Reports: income is what the balances are made of (R4)", reportsIncome},
		{"Reports.List goes through the items by day, page by page", reportsList},
		{"Reports says how far the data is taken in (R4)", reportsComplete},
		{"Reports refuses questions without an answer", reportsInvalid},
	}
}

// figures reads what a query finds, in an order of its own.
func figures(k *kit, q store.Figures, clicks bool) []store.Figure {
	k.Helper()
	all := read(k, func(tx store.Tx) (found []store.Figure, err error) {
		ask := tx.Platform().Reports().Items
		if clicks {
			ask = tx.Platform().Reports().Clicks
		}
		err = ask(k.ctx, q, func(f store.Figure) error {
			found = append(found, f)
			return nil
		})
		return found, err
	})
	sortFigures(all)
	return all
}

func sortFigures(all []store.Figure) {
	slices.SortFunc(all, func(a, b store.Figure) int {
		return cmp.Or(slices.Compare(a.Keys[:], b.Keys[:]), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.State, b.State))
	})
}

// chronicle is a random history of everything that reports add up.
type chronicle struct {
	*rand.Rand
	k      *kit
	clicks []*click.Click
}

func pickOne[T any](h *chronicle, of ...T) T { return of[h.IntN(len(of))] }

func (h *chronicle) when() time.Time {
	return day0.Add(time.Duration(h.IntN(72*3600)-36*3600) * time.Second).Truncate(24 * time.Hour).Add(time.Duration(h.IntN(86400_000_000)) * time.Microsecond)
}

func (h *chronicle) click(n int) *click.Click {
	c := &click.Click{
		ID: fmt.Sprintf("c%d", n), At: h.when(), Program: pickOne(h, tr, ro), Channel: pickOne(h, click.Affiliate, click.Affiliate, click.Affiliate, "organic"),
		Publisher: pickOne(h, "pub1", "pub2"), AdSpace: pickOne(h, "site", "app"), TrackingID: pickOne(h, "", "blog"),
		Verdict: pickOne(h, click.Valid, click.Valid, click.Bot, click.Duplicate),
	}
	if c.Channel != click.Affiliate {
		c.Publisher, c.AdSpace = "", ""
	} else {
		c.Target = click.Target{Kind: pickOne(h, program.LinkProduct, program.LinkHome), Product: pickOne(h, "", "p1", "p2")}
		c.Sub = click.Sub{AF: pickOne(h, "", "a", "á", strings.Repeat("日", 130)), DP: pickOne(h, "", fmt.Sprint(n))}
	}
	return c
}

func (h *chronicle) visit(c *click.Click) store.Visit {
	return store.Visit{
		Program: c.Program, Click: c.ID, At: c.At, Publisher: c.Publisher, Link: int64(h.IntN(3)), Reason: pickOne(h, "", "flood"),
		Country: pickOne(h, "", "TR", "DE"), Device: pickOne(h, "", "phone"),
	}
}

func (h *chronicle) touch(tx store.Tx) error {
	c := h.click(len(h.clicks))
	h.clicks = append(h.clicks, c)
	parts := []func() error{
		func() error { _, err := tx.Clicks().Insert(h.k.ctx, []*click.Click{c}); return err },
		func() error { return tx.Platform().Visits().Put(h.k.ctx, []store.Visit{h.visit(c)}) },
	}
	if c.Channel == click.Affiliate && h.IntN(4) == 0 { // first its token
		known := *c
		known.TokenOnly, known.Sub, known.Visitor, known.Session = true, click.Sub{}, "", ""
		if _, err := tx.Clicks().Insert(h.k.ctx, []*click.Click{&known}); err != nil {
			return err
		}
	}
	h.Shuffle(2, func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	for _, do := range parts[:1+h.IntN(2)] {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func (h *chronicle) decide(tx store.Tx) error {
	r := record(order.Key{Program: pickOne(h, tr, ro), Order: fmt.Sprintf("o%d", h.IntN(12))}, fmt.Sprint(1+h.IntN(2)))
	r.State = pickOne(h, "unattributed", "declined", "tracked", "pending", "approved")
	r.Publisher, r.AdSpace, r.Amount, r.Value = pickOne(h, "pub1", "pub2"), pickOne(h, "site", "app"), h.Int64N(1_000_000_000_000)-10_000_000_000, h.Int64N(10_000_000_000_000)
	r.PlacedAt, r.Hidden, r.Rule = h.when(), h.IntN(5) == 0, pickOne(h, "", "v1/default")
	if r.State == "unattributed" {
		r.Publisher, r.AdSpace, r.Amount = "", "", 0
	}
	if h.IntN(2) == 0 {
		r.Completed = r.PlacedAt.Add(time.Duration(h.IntN(30)) * time.Hour)
	}
	if r.State == "approved" || r.State == "declined" {
		r.SettledAt = r.PlacedAt.Add(time.Duration(h.IntN(1_000_000_000)) * time.Microsecond)
	}
	r.Origin = store.Origin{
		TrackingID: pickOne(h, "", "blog"), Kind: pickOne(h, "", "product"), Product: pickOne(h, "p1", "p2"), Category: pickOne(h, "", "shoes"),
		Sub: click.Sub{CN: pickOne(h, "", "x"), CV: pickOne(h, "", "y")}, Reason: pickOne(h, "", "fraud"), Store: pickOne(h, "", "s1", "s2"), Fee: h.Int64N(10_000_000_000),
	}
	if len(h.clicks) > 0 && h.IntN(3) > 0 {
		r.Origin.Click = h.clicks[h.IntN(len(h.clicks))].ID
	}
	again := r
	again.Amount++
	return tx.Decisions().Put(h.k.ctx, pickOne(h, []store.Record{r}, []store.Record{again, r}, []store.Record{r, r}))
}

// roll adds some of the stale days up.
func (h *chronicle) roll(tx store.Tx) error {
	now := h.when()
	days, err := tx.Platform().Reports().Stale(h.k.ctx, now)
	if err != nil {
		return err
	}
	for _, d := range days {
		if h.IntN(3) > 0 {
			if err := tx.Platform().Reports().Roll(h.k.ctx, d, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *chronicle) run(steps int) {
	for range steps {
		undone := h.IntN(6) == 0
		err := h.k.store.Update(h.k.ctx, func(tx store.Tx) error {
			do := h.touch
			switch h.IntN(5) {
			case 0, 1:
				do = h.decide
			case 2:
				do = h.roll
			}
			if err := do(tx); err != nil {
				return err
			}
			if undone {
				return errUndo
			}
			return nil
		})
		if !undone || !errors.Is(err, errUndo) {
			h.k.must(err)
		}
	}
}

// query asks for something that figures can tell.
func (h *chronicle) query(clicks bool) store.Figures {
	dims := []store.Dim{
		store.DimDay, store.DimProgram, store.DimPublisher, store.DimAdSpace, store.DimTrackingID, store.DimAF, store.DimCN, store.DimCV, store.DimDP, store.DimKind,
		store.DimProduct, store.DimCountry, store.DimDevice, store.DimLink, store.DimReason,
	}
	if !clicks {
		dims = append(dims, store.DimCategory, store.DimRule, store.DimState, store.DimStore)
	}
	h.Shuffle(len(dims), func(i, j int) { dims[i], dims[j] = dims[j], dims[i] })
	q := store.Figures{
		Publisher: pickOne(h, "", "pub1", "pub2"), Program: pickOne(h, "", tr), Basis: pickOne(h, "", store.ByOrder, store.ByTransaction),
		By: slices.Clone(dims[:pickOne(h, 0, 1, 1, 2, 2, 3, store.MaxDims)]),
	}
	for range pickOne(h, 0, 0, 0, 1, 1, 2) {
		value := func(d store.Dim) string {
			switch d {
			case store.DimAF:
				return pickOne(h, "", "á", strings.Repeat("日", 125))
			case store.DimState:
				return "approved"
			case store.DimCountry:
				return pickOne(h, "", "TR")
			case store.DimStore:
				return pickOne(h, "", "s1")
			}
			return pickOne(h, "", "p1", "site", "blog", "1", "bot:flood")
		}
		d := pickOne(h, dims...)
		if d != store.DimDay && d != store.DimProgram && d != store.DimPublisher {
			q.Where = append(q.Where, store.Match{Dim: d, Value: value(d)})
		}
	}
	if h.IntN(2) == 0 {
		q.From = day0.Truncate(24*time.Hour).AddDate(0, 0, h.IntN(2)-1)
		q.To = q.From.AddDate(0, 0, 1+h.IntN(2))
	}
	return q
}

func reportsRecount(k *kit) {
	for seed := range uint64(6) {
		h := &chronicle{Rand: rand.New(rand.NewPCG(seed, 9)), k: k}
		// Each history has clicks of its own.
		h.clicks = make([]*click.Click, 0)
		for n := range 1000 * int(seed) {
			h.clicks = append(h.clicks, &click.Click{ID: fmt.Sprintf("c%d", n)})
		}
		h.run(60)
		found := 0
		for range 60 {
			clicks := h.IntN(2) == 0
			q := h.query(clicks)
			sums := figures(k, q, clicks)
			q.Recount = true
			rows := figures(k, q, clicks)
			if !slices.Equal(sums, rows) {
				k.Fatalf("history %d, %+v:\n the sums are %s\nrows add up to %s", seed, q, show(sums), show(rows))
			}
			found += len(rows)
		}
		if found == 0 {
			k.Fatalf("history %d: nothing was found", seed)
		}
	}
}

func reportsVisits(k *kit) {
	c := sampleClick("c1", "v1")
	v := store.Visit{Program: tr, Click: "c1", At: c.At, Publisher: "pub1", Link: 7, Country: "TR", Device: "phone"}
	insert(k, c)
	q := store.Figures{Publisher: "pub1", By: []store.Dim{store.DimCountry}}
	k.same("before the visit is known", figures(k, q, true), []store.Figure{{Clicks: 1}})
	for range 2 { // the second time changes nothing
		k.update(func(tx store.Tx) error { return tx.Platform().Visits().Put(k.ctx, []store.Visit{v, v}) })
		k.same("after", figures(k, q, true), []store.Figure{{Keys: [store.MaxDims]string{"TR"}, Clicks: 1}})
	}
	for d, want := range map[store.Dim]string{
		store.DimDay: "2026-03-01", store.DimProgram: "tr", store.DimPublisher: "pub1", store.DimAdSpace: "site", store.DimTrackingID: "blog", store.DimAF: "a",
		store.DimCN: "b", store.DimCV: "c", store.DimDP: "d", store.DimKind: "product", store.DimProduct: "p1", store.DimDevice: "phone", store.DimLink: "7", store.DimReason: "",
	} {
		q.By = []store.Dim{d}
		k.same("by "+string(d), figures(k, q, true), []store.Figure{{Keys: [store.MaxDims]string{want}, Clicks: 1}})
	}
	bot := sampleClick("c2", "v2")
	bot.Verdict = click.Bot
	k.update(func(tx store.Tx) error {
		if err := tx.Platform().Visits().Put(k.ctx, []store.Visit{{Program: tr, Click: "c2", At: bot.At, Reason: "agent"}}); err != nil {
			return err
		}
		_, err := tx.Clicks().Insert(k.ctx, []*click.Click{bot})
		return err
	})
	q.By = []store.Dim{store.DimReason}
	k.same("rejected ones with their reason", figures(k, q, true), []store.Figure{{Clicks: 1}, {Keys: [store.MaxDims]string{"bot:agent"}, Rejected: 1}})
}

func reportsToday(k *kit) {
	visits := 0
	enter := func(hour int, ids ...string) {
		for i, id := range ids {
			c := sampleClick(id, "v"+id)
			c.At = day0.Truncate(24 * time.Hour).Add(time.Duration(hour)*time.Hour + time.Duration(i)*time.Microsecond)
			insert(k, c)
		}
	}
	stale := func(hour int) []store.StaleDay {
		return read(k, func(tx store.Tx) ([]store.StaleDay, error) {
			days, err := tx.Platform().Reports().Stale(k.ctx, day0.Truncate(24*time.Hour).Add(time.Duration(hour)*time.Hour))
			return append([]store.StaleDay(nil), days...), err
		})
	}
	d := store.StaleDay{Kind: "click", Program: tr, Day: day0.Unix() / 86400}
	roll := func(hour int) {
		k.update(func(tx store.Tx) error {
			return tx.Platform().Reports().Roll(k.ctx, d, day0.Truncate(24*time.Hour).Add(time.Duration(hour)*time.Hour))
		})
	}
	counted := func(want int64) {
		k.Helper()
		for _, q := range []store.Figures{
			{}, {By: []store.Dim{store.DimPublisher}}, {Publisher: "pub1", By: []store.Dim{store.DimTrackingID}}, {By: []store.Dim{store.DimDay, store.DimAF}}, {Publisher: "pub1", By: []store.Dim{store.DimAF, store.DimProduct}},
			{Publisher: "pub1", By: []store.Dim{store.DimCountry, store.DimDevice}, Where: []store.Match{{Dim: store.DimAdSpace, Value: "site"}}},
		} {
			n := int64(0)
			for _, f := range figures(k, q, true) {
				n += f.Clicks
			}
			k.same(fmt.Sprintf("clicks of %+v", q), n, want)
			sums := figures(k, q, true)
			q.Recount = true
			k.same(fmt.Sprintf("%+v", q), sums, figures(k, q, true))
		}
	}
	enter(6, "c1", "c2")
	k.same("before anything is added up", stale(7), []store.StaleDay{d})
	var none []store.StaleDay
	roll(7)
	k.same("added up until seven", stale(7), none)
	k.same("an hour later", stale(8), []store.StaleDay{d})
	counted(2)
	enter(7, "c3", "c4") // from seven on: the sums hold
	k.same("with later clicks", stale(7), none)
	counted(4)
	roll(8) // adds to them
	counted(4)
	roll(7) // is done already
	k.same("after an earlier time", stale(8), none)
	counted(4)
	enter(6, "c5") // is late
	k.same("with a late click", stale(8), []store.StaleDay{d})
	counted(5)
	roll(8)
	k.same("added up anew", stale(8), none)
	counted(5)
	visit := func(id string) {
		visits++
		k.update(func(tx store.Tx) error {
			return tx.Platform().Visits().Put(k.ctx, []store.Visit{{Program: tr, Click: id, At: day0, Publisher: "pub1", Country: "TR", Device: "phone", Link: int64(visits)}})
		})
	}
	enter(9, "c6")
	visit("c6")
	k.same("what an edge saw of a later click", stale(8), none)
	counted(6)
	visit("c1")
	k.same("what an edge saw of an earlier click", stale(8), []store.StaleDay{d})
	counted(6)
	roll(10)
	counted(6)
	enter(23, "c7")
	roll(24) // the day is over
	k.same("the next day", slices.DeleteFunc(stale(48), func(d store.StaleDay) bool { return d.Kind != "click" }), none)
	counted(7)
	enter(5, "c8")
	counted(8)
}

func reportsForgotten(k *kit) {
	insert(k, sampleClick("c1", "v1"), sampleClick("c2", "v2"))
	k.update(func(tx store.Tx) error {
		return tx.Platform().Visits().Put(k.ctx, []store.Visit{{Program: tr, Click: "c1", At: at(1), Country: "TR"}})
	})
	tidied, err := k.store.Tidy(k.ctx, day0.AddDate(0, 0, 100), store.Retention{Clicks: 24 * time.Hour, Visits: 24 * time.Hour})
	k.must(err)
	k.same("forgotten", tidied, store.Tidied{Clicks: 2, Visits: 1})
	q := store.Figures{Publisher: "pub1", By: []store.Dim{store.DimCountry}}
	k.same("afterwards", figures(k, q, true), []store.Figure{{Clicks: 1}, {Keys: [store.MaxDims]string{"TR"}, Clicks: 1}})
	pair := store.Figures{Publisher: "pub1", By: []store.Dim{store.DimTrackingID, store.DimCountry}, Where: []store.Match{{Dim: store.DimProduct, Value: "p1"}}}
	k.same("by two dimensions", figures(k, pair, true), []store.Figure{{Keys: [store.MaxDims]string{"blog"}, Clicks: 1}, {Keys: [store.MaxDims]string{"blog", "TR"}, Clicks: 1}})
	insert(k, sampleClick("c3", "v3"))
	k.update(func(tx store.Tx) error {
		if err := tx.Platform().Visits().Put(k.ctx, []store.Visit{{Program: tr, Click: "c3", At: at(1), Country: "TR"}}); err != nil {
			return err
		}
		return tx.Platform().Reports().Roll(k.ctx, store.StaleDay{Kind: "click", Program: tr, Day: day0.Unix() / 86400}, day0.AddDate(0, 0, 1))
	})
	k.same("with one that came late", figures(k, q, true), []store.Figure{{Clicks: 1}, {Keys: [store.MaxDims]string{"TR"}, Clicks: 2}})
	k.same("with one that came late, by two dimensions", figures(k, pair, true), []store.Figure{{Keys: [store.MaxDims]string{"blog"}, Clicks: 1}, {Keys: [store.MaxDims]string{"blog", "TR"}, Clicks: 2}})
	pair.Publisher = ""
	k.same("of all publishers", figures(k, pair, true), []store.Figure{{Keys: [store.MaxDims]string{"blog"}, Clicks: 1}, {Keys: [store.MaxDims]string{"blog", "TR"}, Clicks: 2}})
}

func reportsMove(k *kit) {
	r := record(key(1), "1")
	r.Origin = store.Origin{TrackingID: "blog", Product: "p1"}
	put := func(r store.Record) {
		k.update(func(tx store.Tx) error { return tx.Decisions().Put(k.ctx, []store.Record{r}) })
	}
	put(r)
	q := store.Figures{By: []store.Dim{store.DimPublisher}}
	k.same("pending", figures(k, q, false), []store.Figure{{Keys: [store.MaxDims]string{"pub1"}, Currency: "TRY", State: "pending", Items: 1, Actions: 1, Value: 4567, Amount: 123}})
	r.State, r.Publisher, r.Amount, r.SettledAt = "approved", "pub2", 100, r.PlacedAt.Add(90*time.Second)
	put(r)
	k.same("approved, of another publisher", figures(k, q, false),
		[]store.Figure{{Keys: [store.MaxDims]string{"pub2"}, Currency: "TRY", State: "approved", Items: 1, Actions: 1, Value: 4567, Amount: 100, Held: 1, HeldFor: 90}})
	q.Publisher = "pub1"
	k.same("of the one before", figures(k, q, false), []store.Figure(nil))
	q = store.Figures{Basis: store.ByTransaction, Publisher: "pub2", By: []store.Dim{store.DimTrackingID, store.DimDay}}
	k.same("before receipt", figures(k, q, false), []store.Figure(nil))
	r.Completed = day0.AddDate(0, 0, 3)
	put(r)
	k.same("on the day of receipt", figures(k, q, false),
		[]store.Figure{{Keys: [store.MaxDims]string{"blog", "2026-03-04"}, Currency: "TRY", State: "approved", Items: 1, Actions: 1, Value: 4567, Amount: 100, Held: 1, HeldFor: 90}})
}

func reportsIncome(k *kit) {
	approve := transaction("e2", ledger.Pending, ledger.Approved, 60)
	approve.Reason = ledger.ReasonApprove
	approve.Movements = append(approve.Movements, ledger.Movement{From: ledger.Of(ledger.Approved, tr, "pub1"), To: ledger.Of(ledger.Available, tr, "pub1"), Amount: 60})
	approve.EffectiveAt = approve.EffectiveAt.AddDate(0, 0, 2)
	k.update(func(tx store.Tx) error {
		return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction("e1", ledger.Fund, ledger.Pending, 100), approve})
	})
	income := func(q store.Figures) map[string]int64 {
		sums := map[string]int64{}
		k.view(func(tx store.Tx) error {
			return tx.Platform().Reports().Income(k.ctx, q, func(f store.IncomeFigure) error {
				sums[strings.TrimSpace(f.Keys[0]+" "+string(f.Reason)+" "+f.Kind.String())] += f.Amount
				return nil
			})
		})
		return sums
	}
	want := map[string]int64{"pend pending": 100, "approve pending": -60, "approve available": 60}
	k.same("in all", income(store.Figures{Publisher: "pub1"}), want)
	k.same("of all publishers", income(store.Figures{}), want)
	k.same("of another program", income(store.Figures{Program: ro}), map[string]int64{})
	k.same("by day", income(store.Figures{Publisher: "pub1", By: []store.Dim{store.DimDay}, From: day0.Truncate(24*time.Hour).AddDate(0, 0, 1)}),
		map[string]int64{"2026-03-03 approve pending": -60, "2026-03-03 approve available": 60})
}

func reportsList(k *kit) {
	k.update(func(tx store.Tx) error {
		for i := range 9 {
			r := record(key(i), "1")
			r.PlacedAt, r.State = at(int64(i/3)), []string{"pending", "approved", "declined"}[i%3]
			r.Origin = store.Origin{TrackingID: "blog", Sub: click.Sub{AF: "a", CN: "b", CV: "c", DP: fmt.Sprint(i)}, Product: "p1", Category: "shoes", Kind: "product", Reason: "x"}
			if i%2 == 0 {
				r.Completed = at(int64(100 + i))
			}
			if err := tx.Decisions().Put(k.ctx, []store.Record{r}); err != nil {
				return err
			}
		}
		return nil
	})
	list := func(q store.Figures, limit int) (ids []string) {
		for after := ""; ; {
			k.view(func(tx store.Tx) error {
				n := 0
				next, err := tx.Platform().Reports().List(k.ctx, q, after, limit, func(r *store.ItemRow) error {
					if n++; limit > 0 && n > limit {
						k.Errorf("a page of %d has more rows", limit)
					}
					if r.Sub.AF != "a" || r.Sub.DP == "" || r.TrackingID != "blog" || r.Category != "shoes" || r.Amount != 123 || r.Value != 4567 || r.Origin.Reason != "x" {
						k.Errorf("a row lost something: %s", show(r))
					}
					ids = append(ids, r.Order)
					return nil
				})
				after = next
				return err
			})
			if after == "" {
				return ids
			}
		}
	}
	all := []string{"o6", "o7", "o8", "o3", "o4", "o5", "o0", "o1", "o2"}
	for _, limit := range []int{0, 1, 2, 4, 9, 100} {
		k.same(fmt.Sprintf("in pages of %d", limit), list(store.Figures{Publisher: "pub1"}, limit), all)
		k.same("by receipt", list(store.Figures{Publisher: "pub1", Basis: store.ByTransaction}, limit), []string{"o8", "o6", "o4", "o2", "o0"})
		k.same("of a state", list(store.Figures{Where: []store.Match{{Dim: store.DimState, Value: "approved"}, {Dim: store.DimTrackingID, Value: "blog"}}}, limit), []string{"o7", "o4", "o1"})
		k.same("of a while", list(store.Figures{From: at(1), To: at(2)}, limit), []string{"o3", "o4", "o5"})
		k.same("of another publisher", list(store.Figures{Publisher: "pub2"}, limit), []string(nil))
	}
}

func reportsComplete(k *kit) {
	complete := func(now time.Time) store.Complete {
		return read(k, func(tx store.Tx) (store.Complete, error) { return tx.Platform().Reports().Complete(k.ctx, now) })
	}
	k.same("of nothing", complete(at(5)), store.Complete{Orders: at(5)})
	insert(k, sampleClick("c1", "v1"))
	k.update(func(tx store.Tx) error {
		if err := tx.Platform().Visits().SetPosition(k.ctx, "edge-1", "17"); err != nil {
			return err
		}
		return tx.Orders().SetNext(k.ctx, []store.OrderNext{{Key: key(1), PlacedAt: at(1), Next: at(50)}, {Key: key(2), PlacedAt: at(1), Next: at(60)}})
	})
	want := store.Complete{Orders: at(40), Clicks: at(1), Logs: []store.LogPosition{{Log: "edge-1", Position: "17"}}}
	k.same("with nothing due", complete(at(40)), want)
	want.Orders = at(50)
	k.same("with an order that waits", complete(at(99)), want)
}

func reportsInvalid(k *kit) {
	k.view(func(tx store.Tx) error {
		r := tx.Platform().Reports()
		none := func(store.Figure) error { return nil }
		for _, q := range []store.Figures{
			{By: []store.Dim{"colour"}}, {By: []store.Dim{store.DimDay, store.DimDay}}, {Basis: "moon"}, {Where: []store.Match{{Dim: store.DimDay, Value: "1"}}},
			{Where: []store.Match{{Dim: store.DimAF, Value: "\xff"}}}, {By: []store.Dim{store.DimDay, store.DimAF, store.DimCN, store.DimCV, store.DimDP}}, {From: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)},
		} {
			k.is(r.Items(k.ctx, q, none), store.ErrInvalid, fmt.Sprintf("items by %+v", q))
			k.is(r.Clicks(k.ctx, q, none), store.ErrInvalid, fmt.Sprintf("clicks by %+v", q))
			_, err := r.List(k.ctx, q, "", 1, func(*store.ItemRow) error { return nil })
			k.is(err, store.ErrInvalid, fmt.Sprintf("a list by %+v", q))
		}
		k.is(r.Clicks(k.ctx, store.Figures{By: []store.Dim{store.DimCategory}}, none), store.ErrInvalid, "clicks by category")
		k.is(r.Income(k.ctx, store.Figures{By: []store.Dim{store.DimAF}}, func(store.IncomeFigure) error { return nil }), store.ErrInvalid, "income by sub-ID")
		k.is(r.Income(k.ctx, store.Figures{From: at(1)}, func(store.IncomeFigure) error { return nil }), store.ErrInvalid, "income of a part of a day")
		for _, after := range []string{"x", "e30"} {
			_, err := r.List(k.ctx, store.Figures{}, after+"!", 1, func(*store.ItemRow) error { return nil })
			k.is(err, store.ErrInvalid, "a cursor from elsewhere")
		}
		_, err := r.List(k.ctx, store.Figures{}, "", -1, func(*store.ItemRow) error { return nil })
		k.is(err, store.ErrInvalid, "a limit below zero")
		return nil
	})
}
