package arch

// A House says how the tree is built. It is data, so that the tests of the rules can bring houses of their own.
type House struct {
	// Core are the root folders in the order of the road: each may import those before it. Subfolders belong to their folder.
	Core []string
	// Parsers are the third-party modules that one core package may import.
	Parsers map[string][]string
	// Floats are the core packages that may compute with floating point numbers, with the reason.
	Floats map[string]string
	// Machinery are the folders of internal/, and what is published for others, each with what it may import.
	Machinery []Area
	// Commands are the folders of programs: they wire everything by explicit lists, and nothing imports them.
	Commands []string
	// NotYet are folders of Core and Machinery that are planned and not begun. A folder that exists may not stand here.
	NotYet []string
	// Suites are packages that hold nothing but tests for others to call; the budget of lines is for what runs.
	Suites []string
	// Budgets.
	MaxLines, MaxMethods int
}

// An Area is a folder of internal/ with all its subfolders, unless a longer path is an area of its own.
type Area struct {
	Dir  string
	Kind Kind
	// May are the areas that it may import beside the core, for the kinds that are not free.
	May []string
	// Libs are the third-party modules of its own, for the kinds that are not free.
	Libs []string
}

// A Kind is the part of the import rule that holds for an area.
type Kind int

const (
	// Rest may import the core and all machinery but engines.
	Rest Kind = iota
	// App is use cases: the core, the store's contract, a clock and an ID source. No HTTP, no SQL, no other use case.
	App
	// Front is what speaks to the outside: use cases and the core, never the store, no SQL.
	Front
	// Contract is what a store must do: the core only, no SQL.
	Contract
	// Published is what other people's programs take in: nothing of ours, nothing of third parties.
	Published
	// Engine does it: the core and the contract. Only commands (and tests) may import it.
	Engine
)

// Ours is the house of this project; docs/architecture.md tells it in words.
func Ours() House {
	return House{
		Core: []string{
			"money", "explain", "program", "publisher", "seller", "link", "click", "catalog", "order",
			"attribution", "commission", "ledger", "payout", "settlement", "report", "trust", "postback",
		},
		Parsers: map[string][]string{
			"money":   {"github.com/govalues/decimal"},
			"program": {"go.yaml.in/yaml/v4", "github.com/santhosh-tekuri/jsonschema/v6"},
		},
		Floats: map[string]string{
			"trust": "detectors compare shares and tails of distributions; no amount of money is computed there",
		},
		Machinery: []Area{
			{Dir: "client", Kind: Published},
			{Dir: "internal/arch"},
			{Dir: "internal/app", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/table", "internal/facts", "internal/deeplink", "internal/wire", "internal/clock", "internal/id"}},
			{Dir: "internal/app/payouts", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/facts", "internal/seal", "internal/notify"}},
			{Dir: "internal/app/postbacks", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/facts", "internal/seal"}},
			{Dir: "internal/app/links", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/table", "internal/facts", "internal/deeplink", "internal/wire", "internal/seal", "internal/notify"}, Libs: []string{"golang.org/x/net"}},
			{Dir: "internal/app/joining", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/facts"}, Libs: []string{"golang.org/x/net"}},
			{Dir: "internal/app/cases", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/seal", "internal/notify"}},
			{Dir: "internal/app/desk", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/facts", "internal/seal", "internal/notify"}},
			// Who finds what is decided once, for all fronts: by asking the use cases that know the things, and the table of permissions.
			{Dir: "internal/app/search", Kind: App, May: []string{"internal/app", "internal/app/people", "internal/app/links", "internal/app/desk", "internal/app/cases"}},
			{Dir: "internal/app/people/attempts", Kind: App, May: []string{"internal/store"}},
			{Dir: "internal/app/people/passkeys", Kind: App, May: []string{"internal/store"}, Libs: []string{"github.com/go-webauthn/webauthn"}},
			{Dir: "internal/app/people/passwords", Kind: App, May: []string{"internal/store"}, Libs: []string{"golang.org/x/crypto"}},
			{Dir: "internal/app/people/privacy", Kind: App, May: []string{"internal/store", "internal/audit", "internal/app/people"}},
			{Dir: "internal/app/people", Kind: App, May: []string{"internal/store", "internal/audit", "internal/field", "internal/seal", "internal/notify", "internal/app/people/attempts", "internal/app/people/passkeys", "internal/app/people/passwords"}, Libs: []string{"github.com/pquerna/otp"}},
			{Dir: "internal/store", Kind: Contract},
			{Dir: "internal/store/sqlite", Kind: Engine, May: []string{"internal/store"}, Libs: []string{"modernc.org/sqlite", "github.com/pressly/goose/v3"}},
			{Dir: "internal/store/postgres", Kind: Engine, May: []string{"internal/store"}, Libs: []string{"github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"}},
			{Dir: "internal/store/clickhouse", Kind: Engine, May: []string{"internal/store"}, Libs: []string{"github.com/ClickHouse/clickhouse-go/v2"}},
			{Dir: "internal/store/storetest"},
			{Dir: "internal/store/pgtest", Libs: []string{"github.com/jackc/pgx/v5"}},
			{Dir: "internal/audit"},
			{Dir: "internal/facts"},
			{Dir: "internal/export"},
			{Dir: "internal/deeplink"},
			{Dir: "internal/outbound"},
			{Dir: "internal/clickload"},
			{Dir: "internal/linkfeed"},
			{Dir: "internal/edgenode"},
			{Dir: "internal/simulate"},
			{Dir: "internal/wire"},
			{Dir: "internal/replay"},
			{Dir: "internal/story"},
			{Dir: "internal/demo"},
			{Dir: "internal/vfs"},
			{Dir: "internal/bankfile"},
			{Dir: "internal/browser"},
			{Dir: "internal/statement"},
			{Dir: "internal/qr"},
			{Dir: "internal/importer"},
			{Dir: "internal/realdata"},
			{Dir: "internal/proof"},
			{Dir: "internal/clicklog"},
			{Dir: "internal/stream"},
			{Dir: "internal/edge", Kind: Front, May: []string{"internal/app", "internal/clicklog", "internal/clock", "internal/id"}, Libs: []string{"github.com/valyala/fasthttp", "github.com/mileusna/useragent", "github.com/prometheus/client_golang"}},
			{Dir: "internal/web", Kind: Front, May: []string{"internal/app", "internal/app/search", "internal/app/links", "internal/audit", "internal/field", "internal/export", "internal/app/people", "internal/app/people/privacy", "internal/app/joining", "internal/app/payouts", "internal/app/postbacks", "internal/app/desk", "internal/app/cases", "internal/clock", "internal/statement", "internal/qr"}, Libs: []string{"github.com/a-h/templ", "github.com/boombuler/barcode", "github.com/coreos/go-oidc/v3"}},
			{Dir: "internal/rest", Kind: Front, May: []string{"internal/app", "internal/app/search", "internal/app/links", "internal/audit", "internal/field", "internal/export", "internal/app/people", "internal/app/joining", "internal/app/payouts", "internal/app/postbacks", "internal/app/desk", "internal/app/cases", "internal/statement", "internal/qr", "internal/wire"}, Libs: []string{"github.com/danielgtaylor/huma/v2", "github.com/prometheus/client_golang"}},
			{Dir: "internal/api", Kind: Front, May: []string{"internal/app", "internal/app/people", "internal/clock", "internal/wire"}, Libs: []string{"github.com/danielgtaylor/huma/v2"}},
			{Dir: "internal/compat", Kind: Front, May: []string{"internal/app", "internal/clock"}},
			{Dir: "internal/feed"},
			{Dir: "internal/search"},
			{Dir: "internal/seal"},
			{Dir: "internal/keyfile"},
			{Dir: "internal/sandbox"},
			{Dir: "internal/field"},
			{Dir: "internal/table"},
			{Dir: "internal/notify"},
			{Dir: "internal/bot"},
			{Dir: "internal/schedule"},
		},
		Commands: []string{"cmd", "bench"},
		NotYet: []string{
			"internal/api", "internal/compat",
			"internal/feed", "internal/search", "internal/bot",
		},
		// A suite of tests that lives outside _test.go files, so that several engines can call it.
		Suites:     []string{"internal/store/storetest"},
		MaxLines:   3000,
		MaxMethods: 8,
	}
}

// coreStandard are the packages of the standard library that the core may import: computing and text, no I/O, no randomness, no
// clock. (time is there for its types; the calls that read the clock are refused one by one.) What is missing here may be
// added after a thought about whether it touches anything outside the process.
func coreStandard(target string) bool {
	switch target {
	case "bufio", "bytes", "cmp", "container/heap", "container/list", "crypto/aes", "crypto/cipher", "crypto/hmac",
		"crypto/sha256", "crypto/sha512", "crypto/subtle", "embed", "encoding", "encoding/base32", "encoding/base64",
		"encoding/binary", "encoding/csv", "encoding/hex", "encoding/json", "encoding/xml", "errors", "fmt", "hash",
		"hash/crc32", "hash/fnv", "io", "iter", "maps", "math", "math/big", "math/bits", "net/netip",
		"net/url", "path", "reflect", "regexp", "slices", "sort", "strconv", "strings", "sync", "text/tabwriter", "time",
		"time/tzdata", "unicode", "unicode/utf16", "unicode/utf8", "unique":
		return true
	}
	return false
}
