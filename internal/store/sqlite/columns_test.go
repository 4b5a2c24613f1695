package sqlite

import (
	"slices"
	"testing"

	"github.com/clickledger/clickledger/internal/store/sqlaccounts"
)

// 14.2.4: whoever adds a column says whether people write into it. A name that stands in a column which nobody thought of stays there when
// its person is erased.
func TestEveryColumnIsThoughtOf(t *testing.T) {
	opened, err := fresh(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	s := opened.(*Store)
	session, err := s.take(t.Context(), s.readers)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.readers <- session }()
	rows, err := session.conn.QueryContext(t.Context(), `SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p
WHERE m.type = 'table' AND p.type IN ('TEXT', 'BLOB', '') AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := columnsWithoutNames()
	for _, w := range sqlaccounts.WrittenTexts() {
		if slices.Contains(known[w.Table], w.Column) {
			t.Errorf("%s.%s stands in both lists", w.Table, w.Column)
		}
		known[w.Table] = append(known[w.Table], w.Column)
	}
	seen, written := 0, 0
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		seen++
		if slices.ContainsFunc(sqlaccounts.WrittenTexts(), func(w sqlaccounts.WrittenText) bool { return w.Table == table && w.Column == column }) {
			written++
		}
		if cs, ok := known[table]; !ok || !slices.Contains(cs, column) && cs[0] != "*" {
			t.Errorf("%s.%s: nobody has said whether people write into it. If they do, or if it holds a name or an address of one, it belongs to sqlaccounts.WrittenTexts; otherwise to columnsWithoutNames", table, column)
		}
	}
	if err := rows.Err(); err != nil || seen < 150 || written != len(sqlaccounts.WrittenTexts()) {
		t.Fatalf("%d columns were seen, %d of them of WrittenTexts, %v", seen, written, err)
	}
}

// columnsWithoutNames are the columns that hold neither names of people nor what they wrote, or that an erasure deals with otherwise; "*"
// stands for all of a table that do not stand in WrittenTexts.
func columnsWithoutNames() map[string][]string {
	return map[string][]string{
		// Rows of the person: they go, or are made anew.
		"people": {"*"}, "memberships": {"*"}, "sessions": {"*"}, "tickets": {"*"}, "outbox": {"*"}, "announcement_reads": {"*"},
		"acceptances": {"*"}, // the network goes
		// The audit log has commitments of its own.
		"audit": {"*"},
		// Saved answers of calls are rewritten as a whole.
		"idempotency_keys": {"*"},
		// What the books and the law need: who was paid, how much, to which account. An organisation that is closed has no details any more.
		"payout_runs": {"*"}, "run_payouts": {"*"}, "payout_files": {"*"}, "payout_details": {"*"},
		// Of a publisher's systems; they go when it is closed.
		"endpoints": {"*"}, "deliveries": {"*"},
		// Ids, codes, states, amounts and what machines say. Words of people are in the columns beside them, which WrittenTexts names.
		"accounts":          {"kind", "program", "owner", "currency"},
		"ad_spaces":         {"program", "publisher", "id", "traffic_type", "parent", "tracking_ids", "coupons"},
		"app_keys":          {"id", "app", "secret", "created_by"},
		"audit_plans":       {"publisher", "subject", "every"},
		"audits":            {"publisher", "subject", "notes", "findings"},
		"best_sellers":      {"program", "market", "month", "products"},
		"click_days":        {"program", "publisher"},
		"clicks":            {"program", "id", "visitor", "channel", "publisher", "ad_space", "tracking_id", "target_kind", "target_product", "target_store", "sub_af", "sub_cn", "sub_cv", "sub_dp", "session", "verdict"},
		"counters":          {"name"},
		"income_sums":       {"publisher", "program", "currency", "reason", "kind"},
		"links":             {"code", "program", "publisher", "ad_space", "tracking_id", "target", "substitute", "state"},
		"log_positions":     {"log", "position"},
		"message_cursors":   {"program"},
		"newest_records":    {"program", "order_id", "item", "state", "publisher", "currency", "digest", "tracking_id", "click", "sub_af", "sub_cn", "sub_cv", "sub_dp", "kind", "product", "category", "country", "device", "ad_space", "rule", "reason", "store"},
		"order_events":      {"program", "order_id", "fingerprint", "kind", "body"},
		"order_facts":       {"program", "order_id", "facts"},
		"orders":            {"program", "order_id", "visitor", "click"},
		"packs":             {"program", "publisher", "ad_space"},
		"products":          {"id", "store", "category", "hot_rate", "seller_rate", "campaigns"},
		"quotes":            {"base", "quoted", "day", "rate"},
		"records":           {"program", "order_id", "item", "state", "publisher", "ad_space", "rule", "currency", "body"},
		"report_changes":    {"publisher", "program", "data"},
		"report_sums":       {"publisher", "program", "data"},
		"sealed_click_sums": {"publisher", "dim", "program", "value"},
		"stale_days":        {"kind", "program"},
		"targets":           {"program", "hash", "url", "error"},
		"transactions":      {"id", "cause", "reason", "program", "publisher", "order_id", "item", "currency", "corrects"},
		"visits":            {"program", "click", "publisher", "reason", "consent", "country", "device", "agent", "os", "user_agent", "referrer", "network"},
		// What is published, and what businesses are called.
		"documents": {"*"}, "network_terms": {"*"}, "stores": {"*"},
		"organisations": {"id", "kind", "name", "publisher", "stores"}, // the name goes with an organisation that is closed
		"announcements": {"addressee", "audience", "program", "publisher", "seller"},
		"applications":  {"program", "publisher", "place", "state", "reason"},
		"apps":          {"id", "organisation", "scopes", "tracking_ids", "created_by"},
		"case_files":    {"case_id", "type", "sha256", "data"}, // what people sent as evidence stays as they sent it
		"inquiries": {"publisher", "seller", "kind", "program", "order_id", "ad_space", "traffic_type", "state", "verdict", "assignee",
			"created_by"},
		"inquiry_messages": {"person"},
		"link_changes":     {"code", "program", "was", "became", "cause", "substitute"},
		"managers":         {"publisher", "seller"},
		"places":           {"publisher", "id", "kind", "url", "traffic_type", "languages", "countries", "tracking_ids", "proof"},
		"proposals":        {"id", "kind", "object", "text", "state"},
		"rejected_calls":   {"key", "operation", "type"},
		"seller_changes":   {"store", "what", "product", "campaign", "rate"},
		"seller_offers":    {"store", "product", "campaign", "rate"},
		"sub_publishers":   {"publisher", "id", "parent", "site", "traffic_type"},
		"trust_cases":      {"id", "program", "publisher", "state", "outcome", "category"},
	}
}
