package text

import "sync"

func english() *Texts {
	return &Texts{
		Lang:    English,
		reasons: sync.OnceValue(func() *reasons { return newReasons(nil) }),
		Format: Format{
			Group: ",", Point: ".", Percent: "#%",
			Months:  [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
			Days:    func(n int64) string { return plural(n, "day", "days") },
			Hours:   func(n int64) string { return plural(n, "hour", "hours") },
			Minutes: func(n int64) string { return plural(n, "minute", "minutes") },
		},
		Account:    accountEnglish(),
		Reports:    reportsEnglish(),
		Clicks:     clicksEnglish(),
		Spaces:     spacesEnglish(),
		Endpoints:  endpointsEnglish(),
		Desk:       deskEnglish(),
		Cases:      casesEnglish(),
		Tools:      toolsEnglish(),
		Agreements: agreementsEnglish(),
		Privacy:    privacyEnglish(),
		Passkeys:   passkeysEnglish(),
		Offer:      offerEnglish(),
		Profile:    profileEnglish(),
		Shell: Shell{
			Groups: map[string]string{"work": "Work", "partners": "Partners", "money": "Money", "earn": "Earn", "results": "Results", "help": "Help and settings", "installation": "Installation"},
			Skip:   "Skip to content", Menu: "Menu", Close: "Close", Main: "Main", Motto: "From click to cash, every cent explains itself.",
			Search: "Search", SearchHint: "Order, link, publisher, store, ticket",
			Overview: "Overview", Orders: "Orders", Publishers: "Publishers", Programs: "Programs", Payouts: "Payouts", Proof: "Daily proof",
			Dashboard: "Dashboard", Balance: "Balance", Transactions: "Transactions", Statements: "Statements",
			Links: "Links", Stores: "Stores", Cost: "Cost",
			Language: "Language", Theme: "Colours", ThemeSystem: "As the system", Light: "Light", Dark: "Dark",
			Apply: "Apply", SignOut: "Sign out", LookAs: "Look as somebody else", UTC: "All times are UTC.", Breadcrumb: "Where you are", Settings: "Appearance",
		},
		Words: Words{
			Program: "Program", Publisher: "Publisher", State: "State", Order: "Order", Item: "Item", Placed: "Placed", Rule: "Rule", Commission: "Commission",
			Amount: "Amount", Currency: "Currency", Account: "Account", From: "From", To: "To", Date: "Date", Why: "Why", Note: "Note",
			All: "All", Show: "Show", Clear: "Clear", Filter: "Filter", Next: "Next page", First: "First page", Nothing: "Nothing here yet", Nobody: "nobody", OldestFirst: "The oldest comes first.", NewestFirst: "The newest comes first.",
			Line: "Line", FileWrong: "Nothing of the file was taken",
			Yes: "Yes", No: "No", Total: "Total", Count: "Count", Share: "Share", Download: "Download",
			AsOf:   func(at string) string { return "As of " + at + " UTC" },
			Clicks: "Clicks", Actions: "Actions", Steps: "Step", Back: "Back", Details: "Details", Table: "Figures as a table",
			Good: "All is well", Bad: "Look at this",
		},
		States: map[string]string{
			"tracked": "Tracked", "pending": "Pending", "approved": "Approved", "declined": "Declined", "unattributed": "Unattributed",
		},
		StateMeaning: map[string]string{
			"tracked": "The order is not paid yet.", "pending": "The order is paid; it waits for receipt and the hold.", "approved": "The commission is on balance.",
			"declined": "Cancelled, returned, lapsed or fraudulent: it earns nothing.", "unattributed": "No publisher won it.",
		},
		Reasons: map[string]string{
			"track": "Tracked", "pend": "Order paid", "adjust": "Amount changed", "approve": "Approved", "decline": "Declined", "reversal": "Reversed after approval",
			"antispam_deduction": "Antispam deduction", "bonus": "Bonus", "reserve": "Reserved for a payout", "unreserve": "Back from a payout run", "release": "Sent to the bank",
			"payout": "Paid out", "reject": "Refused by the bank", "return": "Returned by the payee's bank", "funding": "Advertiser paid", "repay": "Debt repaid",
			"writeoff": "Debt written off", "hold": "Kept back by a case", "unhold": "Case cleared", "appeal": "Appeal upheld", "correction": "Correction",
		},
		Accounts: map[string]string{
			"fund": "Advertiser's fund", "tracked": "Tracked", "pending": "Pending", "approved": "Approved (passes through)", "available": "Available", "hold": "Kept back by cases",
			"reserved": "Reserved", "clearing": "With the bank", "paid": "Paid", "clawback": "Owed by publishers", "fees": "Fees", "bonus": "Bonuses", "bank": "Bank", "writeoff": "Written off",
		},
		Events: map[string]string{
			"placed": "Placed", "paid": "Paid by the buyer", "completed": "Receipt confirmed", "cancelled": "Cancelled", "refunded": "Refunded", "fraud": "Fraud reported",
			"held": "Kept back by a case", "cleared": "Given back by a case", "deducted": "Deducted by a case", "restored": "Restored on appeal",
		},
		Checks: map[string]string{
			"orders_postings": "What was decided is what was posted", "postings_balances": "Balances equal the sum of their postings", "zero_sum": "All accounts add up to zero",
			"limits": "No account is past zero that must not be", "runs_postings": "Each payout is booked as far as it has come",
			"runs_balances": "Reserved, clearing, paid and fees hold what the runs say", "runs_files": "The bank files hold the payouts of their runs", "clearing_age": "Nothing waits too long for the bank",
		},
		Roles: map[string]string{
			"owner": "Owner", "member": "Member", "reader": "Read only", "reviewer": "Reviewer", "finance": "Finance", "admin": "Administrator",
		},
		Kinds: map[string]string{"publisher": "Publisher", "seller": "Seller", "operator": "Operator"},
		Overview: Overview{
			Title: "Overview", Funnel: "From click to approval", Metrics: "Metrics beside the published ones", Here: "Here", Published: "Published", Unit: "Unit",
			Steps: [5]string{"Valid clicks", "Actions (items won by a publisher)", "Paid or approved", "Approved", "Declined"},
			Unwon: "Items that nobody won", ShareOfClicks: "Share of clicks",
			EPC: "EPC", CR: "CR", CR48: "CR for 48 hours", Approval: "Approval rate", Hold: "Average hold", Payment: "Average payment time",
			PerHundred: func(c string) string { return c + " earned per 100 clicks" },
			CRUnit:     "actions per 100 clicks", ApprovalUnit: "of all actions", HoldUnit: "hours from action to decision",
			WhyDiffers:      "Why they differ",
			EPCDiffers:      "Both count the commissions of actions that are not declined. Ours follows from the simulated basket and the rate card.",
			CRDiffers:       "Both are actions per click over everything known.",
			ApprovalDiffers: "Both are approved actions of all actions. Actions that are still open count as not approved, so ours rises as holds end.",
			HoldDiffers:     "The published page says 25 days without saying for which orders. Ours is measured from the action to the decision of every decided item: the buyer's receipt, some days after the order, plus the hold of the program document.",
			CR48Differs:     "Both count the clicks and actions of the last 48 hours only, so both rest on few actions and change by the hour. The other CR covers everything known: the two are not to be compared.",
			PaymentDiffers:  "The published page says 26 days from action to payment.",
			Best:            "Publishers that earned most", AllOrders: "All orders", Trial: "Trial balance", TrialNote: "What stands on the accounts of each kind: what came in less what went out.",
			AllAccounts: "All accounts together", Latest: "Latest orders", Data: "About this data", Earned: "Earned", AllOrdersOf: "All orders of",
			BooksAgree: "The books agree", BooksDiffer: "The books do not agree",
			ProvedAt: func(at, n string) string { return "Daily proof of " + at + " UTC over " + n + " transactions" },
			SeeProof: "See the proof", OpenMoney: "Owed to publishers", PaidOut: "Paid out",
		},
		Orders: Orders{Title: "Orders", Lead: "One row for each item, the latest order first.", Empty: "No orders match", EmptyHint: "Take a filter away, or wait for the first order."},
		Order: Order{
			Space: "Ad space", Tracking: "Tracking ID", Title: func(o string) string { return "Order " + o },
			Lead:       func(p, at string) string { return "Program " + p + ", as of " + at + " UTC" },
			Item:       func(i string) string { return "Item " + i },
			Considered: "Who was considered", NoTouch: "No click of this visitor is known.", ToClick: "See the click", Why: "Why it earns what it earns",
			Earlier:  func(n int64) string { return plural(n, "earlier decision", "earlier decisions") },
			Reported: "What was reported", Booked: "What was booked", NoMoney: "No money moved.", Won: "won", Effective: "Effective",
			EventItems: "items", WholeOrder: "whole order", Refund: "refund of item", Happened: "What happened",
		},
		Publisher: Publisher{
			Title: "Publisher", Lead: "Every figure is a sum of the postings below.", Balance: "Balance", Part: "Part", Meaning: "What it is", Journal: "Transactions",
			Empty: "No transactions yet", Orders: "This publisher's orders",
			Tracked: "Tracked", TrackedIs: "The order is not paid yet.",
			Pending: "Pending", PendingIs: "The order is paid; it waits for receipt and the hold.",
			Approved: "Approved so far", ApprovedIs: "All commissions that were ever approved, less reversals.",
			Available: "Available", AvailableIs: "Approved and not paid out.",
			Reserved: "Reserved", ReservedIs: "Taken into a payout run.",
			Clearing: "With the bank", ClearingIs: "Sent; the bank has not answered.",
			Paid: "Paid", PaidIs: "Left the bank for the publisher.",
			Clawback: "Owed", ClawbackIs: "After a reversal that came when the money was gone.",
			Hold: "Kept back", HoldIs: "By an open fraud case.",
			Withdrawable: "Can be withdrawn", WithdrawableIs: "Available less what is owed.",
		},
		Transactions: "Every movement of your money, in the order it was booked in.",
		Balance: Balance{
			Title: "Balance", Lead: "Your money in each program, from the order to the bank.", Empty: "No money yet", EmptyHint: "It begins with the first order that one of your links brings.",
			Of:     func(p string) string { return "Balance in " + p },
			Bridge: "From completed orders to the balance", BridgeLead: "The commission of completed orders and the balance differ: a completed order first waits for the hold, and what was paid out has left the balance.",
			Completed: "Commission of completed orders", Waiting: "Waits for the end of the hold", Approved: "Approved so far",
			Other: "Bonuses, fees, taxes and corrections", OtherIs: "Each one stands under Transactions.", PaidOut: "Paid out", AtBank: "With the bank", Reserved: "Reserved for a payout", Held: "Kept back by a case", Owed: "Owed", Now: "Balance",
			When: "When the rest becomes payable", WhenLead: "If nothing happens to the orders until then.", ApprovedOn: "Approved on", PayableFrom: "Payable from", Items: "Items",
			OnRequest: "from then on, when you ask", NotReceived: "Paid by the buyer, receipt not confirmed", NotPaid: "Not paid by the buyer yet", NoDate: "no day yet",
			AtReceipt:    "as soon as the buyer confirms receipt",
			AfterReceipt: func(h string) string { return h + " after the buyer confirms receipt" },
			Lapses:       func(l string) string { return "Orders that are not completed within " + l + " lapse." },
			Withdraw:     "Withdraw", WithdrawLead: "The whole balance is paid at once, to the account in your payout details.", Automatic: "This program pays by itself.",
			NextRun: func(d string) string { return "The next payout run is on " + d + "." },
			Gross:   "Balance", Fee: "Fee", Tax: "Tax kept back", Net: "You receive", Method: "Way of payment",
			Ask: "Withdraw now", CannotNow: "You cannot withdraw now", Asked: "Your withdrawal is in a payout run", Changed: "Your balance changed while you were looking. Here is the new figure.",
			Payouts: "Payouts", NoPayouts: "No payout yet", Run: "Payout run", Status: "Status",
			Statuses: map[string]string{
				"reserved": "Reserved", "excluded": "Put back", "not_sent": "Not sent", "sent": "With the bank", "unknown": "With the bank", "paid": "Paid", "rejected": "Refused by the bank", "returned": "Came back",
			},
			Methods: map[string]string{"bank_transfer": "Bank transfer", "international_bank_transfer": "International bank transfer", "paypal": "PayPal"},
		},
		Statement: Statement{
			Title: "Statements", Lead: "One for each month and program. Transactions count when they were booked, so a statement never changes.",
			Month: "Month", HTML: "Web page", PDF: "PDF", CSV: "CSV", Empty: "No statement yet",
		},
		Runs: Runs{
			PaidNobody: "paid nobody", ShowNobody: "Show them", HideNobody: "Hide them",
			NobodyHidden: func(n int64) string {
				return plural(n, "closed run that paid nobody is", "closed runs that paid nobody are") + " not shown."
			},
			NobodyShown: func(n int64) string { return plural(n, "closed run", "closed runs") + " among them paid nobody." },
			Title:       "Payouts", Lead: "A run is built by one person and approved by another. Money moves only when it is released.", Empty: "No payout run yet", Opened: "Opened", Net: "To be paid", Files: "Bank files",
			Run:   func(id string) string { return "Run " + id },
			Start: "Start a run", StartNow: "Start", Way: "Which run", Due: "The one that is due by the schedule", Requested: "Publishers who asked", Manual: "Everybody who can be paid, today",
			NotDue: "No run of this program is due. Its publishers ask for their money, or you start a run by hand.", NoPayer: "Nobody said whose bank account pays. Start the server with --payer-name and --payer-iban.",
			Answers: "The bank's answers", File: "File", FileHint: "camt.053, pain.002 or CSV. The whole file is read before the first answer counts.", TakeIn: "Take in",
			NoFile: "Choose the bank's file first.", BadFile: "The file cannot be read:", Strange: "These could not be taken in. Look at them:",
			Answered: func(n, known int64) string {
				return plural(n, "new answer", "new answers") + ", " + plural(known, "known one", "known ones")
			},
			NextStep: "What comes next", Done: "What was done", Passed: "Who is not paid, and why",
			IsDraft: "Nothing is reserved yet.", IsFrozen: "Who is paid what is fixed and reserved. Build the bank files.",
			IsBuilt: "The bank files are made. Somebody else reads the totals from the file or the bank's screen and types them here.", IsApproved: "Two people agree. Release the run, then send its files to the bank.",
			IsReleased: func(n int64) string {
				if n == 0 {
					return "The bank has answered everything. Close the run."
				}
				return "The files go to the bank. It has not answered " + plural(n, "payout", "payouts") + "."
			},
			IsClosed: "The bank answered everything. Payouts that come back later can still be taken in.", IsCancelled: "The run was given up and the money put back.",
			Build: "Build the bank files", Approve: "Approve", Release: "Release", CloseRun: "Close", Cancel: "Cancel the run", Reason: "Why",
			Payments: "Number of payments", Total: "Sum of the payments", TotalHint: "As the file or the bank shows it, such as 1234.50.",
			SamePerson: "You made this run. Somebody else must approve it.", WrongTotals: "The totals that were typed are not those of the run. Read them again.", WrongState: "The run is not at this step any more. Here is where it stands.", NoReason: "Say why the run is given up.",
			States: map[string]string{"draft": "Draft", "frozen": "Frozen", "built": "Built", "approved": "Approved", "released": "Released", "closed": "Closed", "cancelled": "Cancelled"},
		},
		Dashboard: Dashboard{
			Earned: "Earned", Nothing: "Nothing in these days.", SeeBalance: "The whole balance",
			Last: func(n int64) string {
				return "The last " + plural(n, "day", "days") + ", today included. Commissions that are declined are not counted."
			},
		},
		Programs: Programs{
			Lead: "What each program pays, for what, to whom and when.", Statistics: "Live statistics", PaymentUnit: "hours from action to payout", Window: "Cookie lifetime", WindowIs: "how long a click counts", Session: "One session",
			About: "About the program", Advantages: "Advantages", Restrictions: "Restrictions", Keywords: "Banned keywords",
			Rates: "Rate card", RatesLead: "Rules are tried from the top; the first that fits an item gives its rate.", What: "Of what", Percent: "Rate", AllOthers: "everything else", SetBySeller: "set by the seller", Cap: "Greatest commission of an order:",
			Traffic: "Traffic policy", Money: "Money and markets", Hold: "Hold after receipt", Schedule: "Payouts", Minimum: "Minimum", Market: "Market",
			Events: "Sale events", Begins: "Begins", Ends: "Ends", Points: "Points added",
			Versions: "Versions", InForce: "in force from", Current: "in force now",
			Version: func(n int64) string { return "Version " + (&Texts{Format: Format{Group: ","}}).Number(n) },
			Faults:  func(n int64) string { return plural(n, "fault", "faults") + " in the document" },
			Edit:    "Change the terms", EditLead: "The next version as a document. Check it first: you see what is wrong, what changes, and what past orders would have earned.",
			Document: "Program document", DocumentHint: "YAML. Terms that are in force are never changed: a new version begins at a time to come.", Check: "Check and try on past orders", Publish: "Publish",
			NotNext: "This cannot be the next version", Fine: "Nothing stands in the way of publishing. Look at the changes first.", Findings: "What the check noticed", Fault: "Must be mended", Warning: "Look at it",
			Beaten: "Somebody published another version meanwhile. Check again.", OtherCurrency: "The document changes the currency, so past orders cannot be compared.",
			Changes: "What changes", NoChanges: "Nothing changes but version and date.", Where: "Where", Before: "Before", After: "After", Difference: "Difference", ChangedOrders: "Orders that come out otherwise",
			WhatIf: "What past orders would have earned",
			WhatIfLead: func(n, from string) string {
				return "The newest " + n + " orders, from " + from + " on, decided once as they are and once as if this version had always been in force."
			},
			Steps: map[string]string{
				"out_of_stock": "Out of stock", "virtual": "Virtual product", "store_list": "Store list", "market": "Delivery market", "non_affiliate": "Store does not take part", "hot": "Hot product, by its hot link",
				"campaign": "Seller's campaign", "seller_rate": "Seller's rate", "new_buyer": "New buyer", "category": "Category", "default": "Everything else",
			},
			Policies:  map[string]string{"allowed": "Allowed", "needs_approval": "Needs approval", "forbidden": "Forbidden"},
			Schedules: map[string]string{"on_request": "When publishers ask", "weekly": "Weekly, by itself", "monthly": "Monthly, by itself"},
			TrafficTypes: map[string]string{
				"content":          "Content sites",
				"review":           "Review sites",
				"coupon":           "Coupon services",
				"loyalty":          "Loyalty programs",
				"cashback":         "Cashback",
				"extension":        "Browser extensions",
				"dropshipping":     "Dropshipping",
				"subnetwork":       "Subnetworks",
				"price_comparison": "Price comparison and affiliate stores",
				"forum":            "Forums",
				"messenger":        "Messengers",
				"social":           "Social media",
				"video":            "Video",
				"mobile":           "Mobile",
				"email":            "E-mail",
				"sem":              "Search advertising",
				"display":          "Banners and teasers",
				"popup":            "Pop-ups and click-unders",
				"adult":            "Adult",
				"toolbar":          "Toolbars",
				"incentive":        "Incentives",
				"brand_bidding":    "Brand bidding",
				"other":            "Other",
			},
		},
		Links: Links{
			AsAddress: "What its address says", Lead: "A link stands for you, your ad space and what it leads to. Only visits through it count.", Make: "Make links", Made: "What was made", Link: "Link", Kind: "Leads to a", Space: "Ad space", Tracking: "Tracking ID",
			Addresses: "Addresses", AddressesHint: "One a line, up to 200. Without an ad space your only one in the program is taken.", NoAddress: "Enter at least one address.",
			TooMany: func(n int64) string {
				return "At most " + plural(n, "address", "addresses") + " at once. The API takes more."
			},
			Empty: "No links yet", EmptyHint: "Enter the address of a page of the program above.", LeadsTo: "Leads to", MadeAt: "Made", Copy: "To copy",
			Revoke: "Stop this link", RevokeHint: "Visits through it do not count any more. You can start it again.", Revive: "Start this link again", QR: "QR code", QROf: "QR code of",
			Disclosure: "Disclosure texts", DisclosureLead: "Put one where your visitors see it before they follow the link.",
			Check: "Check an address", CheckLead: "Whether an address is valid, whose it is, where it leads, and what it earns.", CheckNow: "Check", Address: "Address", ShipTo: "Delivery country", ShipToHint: "Two letters such as TR; empty: any.",
			Earns: "It counts for you and earns a commission.", Counts: "It counts, but it may earn nothing.", NotValid: "Following it counts for nobody.", Found: "What was found", Product: "Product", Rate: "Rate", NewBuyer: "Rate for new buyers", Until: "Until",
			States: map[string]string{"live": "Live", "dead": "Dead", "revoked": "Stopped", "blocked": "Blocked"},
			Kinds:  map[string]string{"home": "Home page", "product": "Product", "hot": "Hot product", "store": "Store", "category": "Category", "search": "Search results", "campaign": "Campaign", "coupon": "Coupon", "page": "Any page"},
			Findings: map[string]string{
				"not_a_link": "It is neither a link of ours nor a page of a program.", "unknown_link": "Nobody has a link with this code.", "foreign_link": "It is another publisher's link.", "link_revoked": "You stopped this link.",
				"link_blocked": "The operator stopped this link.", "link_dead": "Its target is gone.", "not_joined": "The ad space has not joined the program, or is blocked.", "forbidden_traffic": "The program forbids the ad space's traffic type.",
				"program_closed": "The program has no terms in force.", "not_in_catalogue": "The product is not listed any more.", "non_affiliate": "The product's seller does not take part.", "seller_leaves": "The product's seller stops taking part.",
				"no_rate": "The product's rate is 0.", "page_without_link": "It is a page of a program. It earns only through a link that you make for it.", "product_not_named": "The link names no product, so its rate depends on what is bought.",
			},
		},
		Linking: linkingEnglish(),
		Search: Search{
			Link: "Link", Click: "Click", Payout: "Payout", What: "What", Name: "Name", Nothing: "Nothing has this name",
			Store: "Store",
			Hint:  "Enter the whole number of an order, a click, a link, a payout or a payout run, or a part of the name of a publisher, a store, a program, a ticket or a case.",
			For:   func(q string) string { return "For “" + q + "”" },
		},
		Sellers: sellersEnglish(),
		Subs:    subsEnglish(),
		Stores: Stores{
			Lead: "Whether your stores take part in the affiliate programs, and the rate that you set.", Empty: "No store yet", EmptyHint: "The operator ties your stores to your organisation.",
			Rate: "Your rate for the whole store", NoRate: "none set: the program's rates hold", Lists: "Lists", Period: "Took part", ByProduct: "Product by product", Takes: "Takes part", TakesNot: "Does not take part",
		},
		Proof: Proof{
			Title: "Daily proof", Lead: "Orders, postings, balances, payouts and bank files are read in one state of the data and held against each other.",
			Check: "Comparison", Compared: "Figures compared", Differences: "Differences", Again: "Prove again now",
			AllEqual: "Everything agrees to the cent.", NotEqual: "These figures must be equal and are not:",
			Making: "A proof is being made", LookAgain: "It reads all books, which takes a while when they are large. Look again in a minute:",
		},
		SignIn: SignIn{
			Title: "Whose eyes do you want to look through?", Lead: "This is a demo: nobody needs a password. Pick a person and see the console as they do. You can change at any time.",
			Look: "Look as", Needed: "Sign in to see this page.",
		},
		Failure: Failure{
			Title: "That did not work", Internal: "Something went wrong here. It was noted.", Missing: "There is nothing under this address, or it is not yours to see.",
			Forbidden: "Your role may not see this page.", Address: "The address is not understood.", Home: "To your first page",
			Request: func(why string) string { return "This could not be done: " + why },
		},
	}
}

func plural(n int64, one, many string) string {
	word := many
	if n == 1 {
		word = one
	}
	return (&Texts{Format: Format{Group: ","}}).Number(n) + " " + word
}
