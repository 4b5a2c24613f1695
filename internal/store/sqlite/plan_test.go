package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/store/sqlstore"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/internal/store/storetest"
)

// planner notes how SQLite would run each statement.
type planner struct {
	*connection
	plans map[string][]string // by the function
}

var errExplained = errors.New("explained")

func (p *planner) explain(ctx context.Context, s sqltx.Statement) error {
	name := strings.TrimPrefix(strings.SplitN(s.SQL, "\n", 2)[0], "-- ")
	if strings.HasSuffix(name, ".Page") { // their conditions follow their filters
		switch {
		case strings.Contains(s.SQL, "reason IN ("):
			name += " of payouts"
		case strings.Contains(s.SQL, "state IN ("):
			name += " of a state"
		case strings.Contains(s.SQL, " publisher = $"):
			name += " of a publisher"
		case strings.Contains(s.SQL, " program = $"):
			name += " of a program"
		default:
			name += " of all"
		}
	}
	s.SQL = "EXPLAIN QUERY PLAN " + s.SQL
	err := p.each(ctx, s, func(stmt *sql.Stmt, args []any) error {
		steps, err := stmt.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		defer steps.Close()
		for steps.Next() {
			var id, parent, unused int
			var step string
			if err := steps.Scan(&id, &parent, &unused, &step); err != nil {
				return err
			}
			p.plans[name] = append(p.plans[name], step)
		}
		return errors.Join(steps.Err(), errExplained) // the first part of a batch is enough
	})
	if errors.Is(err, errExplained) {
		return nil
	}
	return err
}

func (p *planner) Query(ctx context.Context, s sqltx.Statement, each func(func(...any) error) error) error {
	return errors.Join(p.explain(ctx, s), p.connection.Query(ctx, s, each))
}

func (p *planner) Exec(ctx context.Context, s sqltx.Statement) (int64, error) {
	n, err := p.connection.Exec(ctx, s)
	return n, errors.Join(p.explain(ctx, s), err)
}

// What is asked for by key is found by an index, with all of the key; only what is asked for as a whole is read from end to
// end. An index that the planner does not take is a slow store some months later.
func TestPlans(t *testing.T) {
	opened, err := fresh(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	s := opened.(*Store)
	session, err := s.take(t.Context(), s.writer)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.writer <- session }()
	if err := session.run("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	p := &planner{&connection{session}, map[string][]string{}}
	if err := storetest.Everything(t.Context(), sqlstore.New(p)); err != nil {
		t.Fatal(err)
	}
	if err := session.run("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if len(p.plans) < 35 {
		t.Fatalf("only %d functions with SQL were seen", len(p.plans))
	}
	wholes := []string{ // all of a table is what they return or add up
		"facts.Documents", "facts.AdSpaces", "facts.Quotes", "decisions.Sums", "journal.Book", "journal.Rebuild", "payouts.Runs", "payouts.Empty", "payouts.Details", "agreements.Terms", "packs.ListedStores",
	}
	inOrder := []string{"payouts.Page of all", "decisions.Page of all", "journal.Page of all", "audit.newest", "agreements.Proposals"} // end with their limit
	table := regexp.MustCompile(`^SCAN ([a-z_]+)( |$)`)
	half := regexp.MustCompile(`^SEARCH (\w+) USING .*\(program=\?\)$`)
	for name, steps := range p.plans {
		if strings.HasPrefix(name, "traces.") {
			continue // once in a person's time here all that people wrote is read; an index for it would be paid with each write
		}
		for _, step := range steps {
			if m := table.FindStringSubmatch(step); m != nil && len(m[1]) > 1 && m[1] != "counted" && m[1] != "postings" &&
				!slices.Contains(wholes, name) && !slices.Contains(inOrder, name) {
				t.Errorf("%s reads all of %s: %q", name, m[1], steps)
			}
			if m := half.FindStringSubmatch(step); m != nil && m[1] != "click_days" && m[1] != "message_cursors" && m[1] != "best_sellers" && name != "payouts.Empty" && !strings.Contains(name, ".Page of a program") {
				t.Errorf("%s reads all of a program: %q", name, steps)
			}
		}
	}
	for name, index := range map[string]string{
		"clicks.ForOrders": "clicks_by_visitor (program=? AND visitor=?)", "clicks.Count": "clicks_by_time (program=? AND at>? AND at<?)", "orders.Due": "orders_due (next_at<?)",
		"orders.Touched": "orders_by_click (program=? AND click=?)", "journal.OfOrders": "transactions_by_order (program=? AND order_id=?)",
		"decisions.Page of all": "SCAN newest_records USING INDEX newest_by_time", "decisions.Page of a program": "newest_by_program (program=? AND placed_at<?)",
		"decisions.Page of a publisher": "newest_by_publisher (publisher=? AND placed_at<?)", "decisions.Open": "COVERING INDEX newest_open (publisher=? AND program=?", "journal.Page of payouts": "transactions_of_payouts (program=? AND reason=?", "decisions.Page of a state": "newest_settled (state=?", "payouts.Page of all": "USING INDEX payout_runs_by_time", "payouts.Empty": "COVERING INDEX payout_runs_empty (program=?)", "payouts.Page of a program": "payout_runs_by_program (program=?",
		"journal.Page of a publisher": "transactions_by_publisher (publisher=? AND seq>?)", "journal.Page of a program": "transactions_by_program (program=? AND seq>?)",
	} {
		if plan := strings.Join(p.plans[name], "; "); !strings.Contains(plan, index) {
			t.Errorf("%s does not use %s: %s", name, index, plan)
		}
	}
}
