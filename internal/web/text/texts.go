package text

// Texts are all texts of the console in one language. Every member has a text in every language; a test holds them to it.
type Texts struct {
	Lang Lang
	// reasons are the words of what use cases say about what was entered; they are put together when the first one is needed.
	reasons func() *reasons
	Format  Format
	Shell   Shell
	Words   Words

	States       map[string]string // of items
	StateMeaning map[string]string // of items
	Reasons      map[string]string // of transactions
	Accounts     map[string]string // kinds of accounts
	Events       map[string]string // of orders
	Checks       map[string]string // of the daily proof
	Roles        map[string]string
	Kinds        map[string]string // of organisations

	Overview     Overview
	Orders       Orders
	Order        Order
	Publisher    Publisher
	Transactions string
	Balance      Balance
	Statement    Statement
	Runs         Runs
	Dashboard    Dashboard
	Reports      Reports
	Spaces       Spaces
	Endpoints    Endpoints
	Desk         Desk
	Cases        Cases
	Agreements   Agreements
	Privacy      Privacy
	Passkeys     Passkeys
	Offer        Offer
	Profile      Profile
	Programs     Programs
	Links        Links
	Linking      Linking
	Tools        Tools
	Search       Search
	Clicks       Clicks
	Stores       Stores
	Sellers      Sellers
	Subs         Subs
	Proof        Proof
	SignIn       SignIn
	Account      Account
	Failure      Failure
}

// Format is how a language writes figures and times.
type Format struct {
	Group, Point string
	Percent      string // with # for the figure
	Months       [12]string
	Days         func(n int64) string
	Hours        func(n int64) string
	Minutes      func(n int64) string
}

// Shell is what stands around every page.
type Shell struct {
	Groups                         map[string]string // of the navigation
	Skip, Menu, Close, Main, Motto string
	Search, SearchHint             string
	Overview, Orders, Publishers   string
	Programs, Payouts, Proof       string
	Dashboard, Balance             string
	Transactions, Statements       string
	Links, Stores, Cost            string
	Language, Theme                string
	ThemeSystem, Light, Dark       string
	Apply, SignOut, LookAs         string
	UTC                            string
	Breadcrumb                     string
	Settings                       string
}

// Words are used on many pages.
type Words struct {
	Program, Publisher, State, Order, Item, Placed, Rule, Commission string
	Amount, Currency, Account, From, To, Date, Why, Note             string
	All, Show, Clear, Filter, Next, First, Nothing, Nobody           string
	OldestFirst, NewestFirst                                         string
	Yes, No, Total, Count, Share, Download                           string
	Line, FileWrong                                                  string
	AsOf                                                             func(at string) string
	Clicks, Actions, Steps                                           string
	Back, Details, Table                                             string
	Good, Bad                                                        string
}

// Overview is the operator's first page.
type Overview struct {
	Title, Funnel, Metrics, Here, Published, Unit       string
	Steps                                               [5]string // valid clicks, actions, paid or approved, approved, declined
	Unwon, ShareOfClicks                                string
	EPC, CR, CR48, Approval, Hold, Payment              string
	PerHundred                                          func(currency string) string
	CRUnit, ApprovalUnit, HoldUnit                      string
	WhyDiffers                                          string
	EPCDiffers, CRDiffers, ApprovalDiffers, HoldDiffers string
	CR48Differs, PaymentDiffers                         string
	Best, AllOrders, Trial, TrialNote, AllAccounts      string
	Latest, Data, Earned, AllOrdersOf                   string
	BooksAgree, BooksDiffer                             string
	ProvedAt                                            func(at, transactions string) string
	SeeProof, OpenMoney, PaidOut                        string
}

// Orders is the list of orders.
type Orders struct {
	Title, Lead, Empty, EmptyHint string
}

// Order is an order's decision record.
type Order struct {
	Space, Tracking                   string // where the order came from
	Title                             func(order string) string
	Lead                              func(program, at string) string
	Item                              func(item string) string
	Considered, NoTouch, Why, ToClick string
	Earlier                           func(n int64) string
	Reported, Booked, NoMoney, Won    string
	Effective, EventItems, WholeOrder string
	Refund                            string
	Happened                          string
}

// Publisher is a publisher's money.
type Publisher struct {
	Title                                        string
	Lead                                         string
	Balance, Part, Meaning, Journal, Empty       string
	Orders                                       string
	Tracked, TrackedIs, Pending, PendingIs       string
	Approved, ApprovedIs, Available, AvailableIs string
	Reserved, ReservedIs, Clearing, ClearingIs   string
	Paid, PaidIs, Clawback, ClawbackIs           string
	Hold, HoldIs                                 string
	Withdrawable, WithdrawableIs                 string
}

// Balance is the pages of a publisher's balance and withdrawals.
type Balance struct {
	Title, Lead, Empty, EmptyHint                  string
	Of                                             func(program string) string
	Bridge, BridgeLead                             string
	Completed, Waiting, Approved, Other, OtherIs   string
	PaidOut, AtBank, Reserved, Held, Owed, Now     string
	When, WhenLead, ApprovedOn, PayableFrom, Items string
	OnRequest, NotReceived, NotPaid, NoDate        string
	AtReceipt                                      string
	AfterReceipt                                   func(hold string) string
	Lapses                                         func(limit string) string
	Withdraw, WithdrawLead, Automatic              string
	NextRun                                        func(day string) string
	Gross, Fee, Tax, Net, Method                   string
	Ask, CannotNow, Asked, Changed                 string
	Payouts, NoPayouts, Run, Status                string
	Statuses                                       map[string]string
	Methods                                        map[string]string
}

// Statement is the page of statements.
type Statement struct {
	Title, Lead, Month, HTML, PDF, CSV, Empty string
}

// Runs is the pages of payout runs.
type Runs struct {
	PaidNobody, ShowNobody, HideNobody                        string
	NobodyHidden, NobodyShown                                 func(n int64) string
	Title, Lead, Empty, Opened, Net, Files                    string
	Run                                                       func(id string) string
	Start, StartNow, Way, Due, Requested, Manual              string
	NotDue, NoPayer                                           string
	Answers, File, FileHint, TakeIn, NoFile, BadFile, Strange string
	Answered                                                  func(fresh, known int64) string
	NextStep, Done, Passed                                    string
	IsDraft, IsFrozen, IsBuilt, IsApproved, IsClosed          string
	IsCancelled                                               string
	IsReleased                                                func(open int64) string
	Build, Approve, Release, CloseRun, Cancel, Reason         string
	Payments, Total, TotalHint                                string
	SamePerson, WrongTotals, WrongState, NoReason             string
	States                                                    map[string]string
}

// Dashboard is a publisher's first page.
type Dashboard struct {
	Earned, Nothing, SeeBalance string
	Last                        func(days int64) string
}

// Programs is the pages of programs.
type Programs struct {
	Lead, Statistics, PaymentUnit, Window, WindowIs, Session            string
	About, Advantages, Restrictions, Keywords                           string
	Rates, RatesLead, What, Percent, AllOthers, SetBySeller, Cap        string
	Traffic, Money, Hold, Schedule, Minimum, Market                     string
	Events, Begins, Ends, Points                                        string
	Versions, InForce, Current                                          string
	Version, Faults                                                     func(n int64) string
	Edit, EditLead, Document, DocumentHint, Check, Publish              string
	NotNext, Fine, Findings, Fault, Warning, Beaten, OtherCurrency      string
	Changes, NoChanges, Where, Before, After, Difference, ChangedOrders string
	WhatIf                                                              string
	WhatIfLead                                                          func(orders, from string) string
	Steps, Policies, Schedules, TrafficTypes                            map[string]string
}

// Links is the pages of links.
type Links struct {
	Lead, Make, Made, Link, Kind, AsAddress, Space, Tracking, Addresses, AddressesHint string
	NoAddress, Empty, EmptyHint, LeadsTo, MadeAt, Copy                                 string
	TooMany                                                                            func(most int64) string
	Revoke, RevokeHint, Revive, QR, QROf                                               string
	Disclosure, DisclosureLead                                                         string
	Check, CheckLead, CheckNow, Address, ShipTo, ShipToHint                            string
	Earns, Counts, NotValid, Found, Product, Rate, NewBuyer, Until                     string
	States, Kinds, Findings                                                            map[string]string
}

// Search is the page of what was found.
type Search struct {
	Link, Click, Payout, Store, What, Name, Nothing, Hint string
	For                                                   func(name string) string
}

// Stores is the page of a seller's stores.
type Stores struct {
	Lead, Empty, EmptyHint, Rate, NoRate, Lists, Period, ByProduct, Takes, TakesNot string
}

// Proof is the page of the daily proof.
type Proof struct {
	Title, Lead, Check, Compared, Differences, Again string
	AllEqual, NotEqual, Making, LookAgain            string
}

// SignIn is the page on which a visitor of the demo picks whose eyes to look through.
type SignIn struct {
	Title, Lead, Look, Needed string
}

// Failure is what pages say that cannot be shown.
type Failure struct {
	Title, Internal, Missing, Forbidden, Address, Home string
	Request                                            func(why string) string
}
