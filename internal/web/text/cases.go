package text

// Cases are the pages of trust cases.
type Cases struct {
	Title, Lead, OwnTitle, OwnLead, Empty, EmptyHint, OwnEmpty, Case, Category, Publisher, Opened, Outcome, AtStake, Due, All, Show                        string
	Open, OpenLead, OpenHere, Orders, OrdersHint, Evidence, EvidenceHint, EvidenceKind, Add, AddLead, Items, Item, HeldBack, NotHeld, Taken, NoItems       string
	Hold, HoldLead, HoldEnds, AnswerBy, AppealBy, Talk, NoTalk, You, Us, Them, Message, Send, Answer, AnswerLead                                           string
	Decide, DecideLead, TooEarly, Sanctions, Reason, Note, NoteHint, Release, ReleaseLead, Dismiss, Take, TakeLead, Approve, Refuse, SecondLead, Decision  string
	Appeal, AppealLead, AppealText, AppealDecide, AppealDecideLead, Uphold, Reject, Upheld, Rejected, DecidedBy, ApprovedBy, Course, Why                   string
	SamePerson, WrongState, TooLate, Changed, Statistics, StatisticsLead, CasesN, OpenN, ReleasedN, TimedOutN, SanctionedN, DeductedN, AppealsN, RestoredN string
	TakenSum, ReturnedSum, KeptBack, KeptBackLead, ReportAppeal, ReportAppealLead, EvidenceLater, Rule, Now, SeeCases                                      string
	States, Outcomes, Categories, SanctionNames, Kinds, OwnStates                                                                                          map[string]string
	File, FileHint, AddFile, BadFile                                                                                                                       string
	Bytes                                                                                                                                                  func(kilobytes string) string
}

func casesEnglish() Cases {
	return Cases{
		Title: "Trust cases", Lead: "What is suspected of publishers, what is kept back for it, and what was decided. Whoever opens a case does not decide it.",
		OwnTitle: "Cases", OwnLead: "Orders of yours that somebody looks into. Only their commissions are kept back, for 30 days at most; you may answer, and appeal once against a decision.",
		Empty: "No cases here", EmptyHint: "Open one from a publisher's page or an order's, or wait for a signal.", OwnEmpty: "Nothing of yours is being looked into.",
		Case: "Case", Category: "What it is about", Publisher: "Publisher", Opened: "Opened", Outcome: "Outcome", AtStake: "At stake", Due: "Goes on by itself", All: "All", Show: "Show",
		Open: "Open a case", OpenLead: "Nothing is kept back yet, and the publisher is not told.", OpenHere: "Open a case", Orders: "Orders", OrdersHint: "One a line; for a single item write order/item.",
		Evidence: "Evidence", EvidenceHint: "What was seen, or a link to it. The publisher reads it if it is decided against them.", EvidenceKind: "Kind of evidence", Add: "Add evidence", AddLead: "Evidence can be added until the publisher is told.",
		Items: "Order items", Item: "Item", HeldBack: "Kept back", NotHeld: "Not kept back", Taken: "Deducted", NoItems: "The case names no orders: it may end in a warning or a block.",
		Hold: "Keep back and tell the publisher", HoldLead: "The items' commissions are kept back for 30 days at most. What has been paid out already is not. The publisher reads amounts, orders and the category.",
		HoldEnds: "Given back by itself on", AnswerBy: "The publisher may answer until", AppealBy: "Appeal until", Talk: "Conversation", NoTalk: "Nobody has written yet.", You: "You", Us: "Operator", Them: "Publisher",
		Message: "Message", Send: "Send", Answer: "Your answer", AnswerLead: "Say what happened, with links to what shows it. The person who decides reads it first.",
		Decide: "Decide", DecideLead: "Against the publisher: choose what follows. A great amount waits for a second person.", TooEarly: "The publisher may still answer. Until then the case can only be released.",
		Sanctions: "What follows", Reason: "Reason", Note: "Why", NoteHint: "The publisher reads it.", Release: "Release", ReleaseLead: "Nothing was found: everything is given back at once.", Dismiss: "Dismiss",
		Take: "Look into it", TakeLead: "A rule saw this. Nothing is kept back.", Approve: "Agree", Refuse: "Do not agree", SecondLead: "So much is at stake that a second person must agree, who neither opened the case nor decided it.",
		Decision: "Decision", Appeal: "Appeal", AppealLead: "You may appeal once. Somebody who had no part in the case looks at it again.", AppealText: "What was overlooked", AppealDecide: "Decide the appeal",
		AppealDecideLead: "By somebody who neither opened nor decided the case. If you uphold it, everything is restored in full.", Uphold: "Uphold the appeal", Reject: "Reject the appeal", Upheld: "The appeal was upheld", Rejected: "The appeal was rejected",
		DecidedBy: "Decided by", ApprovedBy: "Agreed by", Course: "Course", Why: "Why",
		SamePerson: "Somebody else must do this: who opened a case does not decide it, and an appeal is for a person who had no part in it.", WrongState: "The case has gone on meanwhile. Look at it again.", TooLate: "The time for this is over.",
		Changed: "Somebody changed the case at the same time. Look at it again.", Statistics: "Trust cases", StatisticsLead: "What became of cases in this program, for everybody to see.",
		CasesN: "Cases", OpenN: "Open", ReleasedN: "Nothing found", TimedOutN: "Of these, not decided in time", SanctionedN: "Decided against the publisher", DeductedN: "With a deduction", AppealsN: "Appeals decided", RestoredN: "Appeals won",
		TakenSum: "Deducted", ReturnedSum: "Given back on appeal", KeptBack: "Kept back by cases", KeptBackLead: "Not in your balance until the case is decided.", ReportAppeal: "Appeal against the deduction",
		ReportAppealLead: "The marketplace reported this item as fraud. You may appeal once.", EvidenceLater: "You read the evidence if it is decided against you.", Rule: "A rule", Now: "State", SeeCases: "See your cases",
		States:    map[string]string{"signal": "Signal", "open": "Being looked into", "held": "Kept back", "notified": "Publisher told", "proposed": "Waits for a second person", "deducted": "Decided against", "appealed": "Appealed", "closed": "Closed"},
		OwnStates: map[string]string{"notified": "You may answer", "deducted": "Decided against you", "appealed": "Your appeal is looked at", "closed": "Closed"},
		Outcomes:  map[string]string{"dismissed": "Dismissed", "released": "Nothing found", "timed_out": "Not decided in time, given back", "sanctioned": "Decided against the publisher", "restored": "Restored on appeal"},
		Categories: map[string]string{
			"cookie_stuffing": "Cookie stuffing", "bots": "Clicks of machines", "self_purchase": "Own purchases", "incentive": "Incentive traffic", "brand_bidding": "Brand bidding", "misleading": "Misleading advertising",
			"hijacking": "Hijacked visits", "critical_traffic": "Critical traffic", "account": "Doubts about the account", "other": "Something else",
		},
		SanctionNames: map[string]string{"warning": "Warning", "block": "Block from the program", "decline_open": "Decline open commissions", "deduction": "Antispam deduction of the items"},
		Kinds:         map[string]string{"text": "Text", "link": "Link", "order": "Order", "click": "Click", "figure": "Figure", "file": "File"},
		File:          "File", FileHint: "PDF, PNG, JPEG or plain text, 5 MB at most.", AddFile: "Add the file", BadFile: "There is no file that can be read. Choose one of 5 MB at most.",
		Bytes: func(n string) string { return n + " kB" },
	}
}

func casesTurkish() Cases {
	return Cases{
		Title: "Güven incelemeleri", Lead: "Yayıncılar hakkındaki şüpheler, bunun için tutulan tutarlar ve verilen kararlar. İncelemeyi açan karar vermez.",
		OwnTitle: "İncelemeler", OwnLead: "Birinin incelediği siparişleriniz. Yalnızca bunların komisyonu, en çok 30 gün tutulur; yanıt verebilir ve bir karara bir kez itiraz edebilirsiniz.",
		Empty: "Burada inceleme yok", EmptyHint: "Bir yayıncının ya da siparişin sayfasından açın veya bir işaret bekleyin.", OwnEmpty: "Size ait incelenen bir şey yok.",
		Case: "İnceleme", Category: "Konu", Publisher: "Yayıncı", Opened: "Açıldı", Outcome: "Sonuç", AtStake: "Söz konusu tutar", Due: "Kendiliğinden ilerler", All: "Tümü", Show: "Göster",
		Open: "İnceleme aç", OpenLead: "Henüz bir şey tutulmaz, yayıncıya haber verilmez.", OpenHere: "İnceleme aç", Orders: "Siparişler", OrdersHint: "Her satıra bir tane; tek ürün için sipariş/ürün yazın.",
		Evidence: "Kanıt", EvidenceHint: "Ne görüldü ya da bağlantısı. Aleyhine karar verilirse yayıncı okur.", EvidenceKind: "Kanıt türü", Add: "Kanıt ekle", AddLead: "Yayıncıya haber verilene kadar kanıt eklenebilir.",
		Items: "Sipariş ürünleri", Item: "Ürün", HeldBack: "Tutuluyor", NotHeld: "Tutulmuyor", Taken: "Kesildi", NoItems: "İnceleme sipariş içermiyor: uyarı ya da engelle sonuçlanabilir.",
		Hold: "Tut ve yayıncıya bildir", HoldLead: "Ürünlerin komisyonu en çok 30 gün tutulur. Ödenmiş olan tutulmaz. Yayıncı tutarları, siparişleri ve konuyu okur.",
		HoldEnds: "Kendiliğinden geri verileceği tarih", AnswerBy: "Yayıncının yanıt süresi", AppealBy: "İtiraz süresi", Talk: "Yazışma", NoTalk: "Henüz kimse yazmadı.", You: "Siz", Us: "İşletmeci", Them: "Yayıncı",
		Message: "İleti", Send: "Gönder", Answer: "Yanıtınız", AnswerLead: "Ne olduğunu, gösteren bağlantılarla anlatın. Karar veren önce bunu okur.",
		Decide: "Karar ver", DecideLead: "Yayıncının aleyhine: ne olacağını seçin. Büyük bir tutar ikinci kişiyi bekler.", TooEarly: "Yayıncı hâlâ yanıt verebilir. O zamana kadar inceleme yalnızca kapatılabilir.",
		Sanctions: "Ne olacak", Reason: "Neden", Note: "Açıklama", NoteHint: "Yayıncı okur.", Release: "Serbest bırak", ReleaseLead: "Bir şey bulunmadı: her şey hemen geri verilir.", Dismiss: "Reddet",
		Take: "İncele", TakeLead: "Bunu bir kural gördü. Hiçbir şey tutulmuyor.", Approve: "Onayla", Refuse: "Onaylama", SecondLead: "Tutar büyük olduğu için, incelemeyi açmamış ve karar vermemiş ikinci bir kişi onaylamalı.",
		Decision: "Karar", Appeal: "İtiraz", AppealLead: "Bir kez itiraz edebilirsiniz. İncelemede yer almamış biri yeniden bakar.", AppealText: "Ne gözden kaçtı", AppealDecide: "İtiraza karar ver",
		AppealDecideLead: "İncelemeyi açmamış ve karar vermemiş biri tarafından. Kabul ederseniz her şey tümüyle geri verilir.", Uphold: "İtirazı kabul et", Reject: "İtirazı reddet", Upheld: "İtiraz kabul edildi", Rejected: "İtiraz reddedildi",
		DecidedBy: "Karar veren", ApprovedBy: "Onaylayan", Course: "Gidişat", Why: "Gerekçe",
		SamePerson: "Bunu başka biri yapmalı: incelemeyi açan karar vermez, itiraza da incelemede yer almamış biri bakar.", WrongState: "İnceleme bu arada ilerledi. Yeniden bakın.", TooLate: "Bunun süresi doldu.",
		Changed: "Aynı anda başka biri incelemeyi değiştirdi. Yeniden bakın.", Statistics: "Güven incelemeleri", StatisticsLead: "Bu programdaki incelemelerin sonuçları, herkes görebilsin diye.",
		CasesN: "İncelemeler", OpenN: "Açık", ReleasedN: "Bir şey bulunmadı", TimedOutN: "Bunlardan zamanında karar verilmeyen", SanctionedN: "Yayıncının aleyhine", DeductedN: "Kesintili", AppealsN: "Karara bağlanan itirazlar", RestoredN: "Kazanılan itirazlar",
		TakenSum: "Kesilen", ReturnedSum: "İtirazla geri verilen", KeptBack: "İncelemelerin tuttuğu", KeptBackLead: "Karar verilene kadar bakiyenizde değil.", ReportAppeal: "Kesintiye itiraz et",
		ReportAppealLead: "Pazaryeri bu ürünü sahtecilik olarak bildirdi. Bir kez itiraz edebilirsiniz.", EvidenceLater: "Aleyhinize karar verilirse kanıtları okursunuz.", Rule: "Bir kural", Now: "Durum", SeeCases: "İncelemelerinizi görün",
		States:    map[string]string{"signal": "İşaret", "open": "İnceleniyor", "held": "Tutuluyor", "notified": "Yayıncıya bildirildi", "proposed": "İkinci kişiyi bekliyor", "deducted": "Aleyhine karar", "appealed": "İtiraz edildi", "closed": "Kapandı"},
		OwnStates: map[string]string{"notified": "Yanıt verebilirsiniz", "deducted": "Aleyhinize karar verildi", "appealed": "İtirazınıza bakılıyor", "closed": "Kapandı"},
		Outcomes:  map[string]string{"dismissed": "Reddedildi", "released": "Bir şey bulunmadı", "timed_out": "Zamanında karar verilmedi, geri verildi", "sanctioned": "Yayıncının aleyhine karar", "restored": "İtirazla geri verildi"},
		Categories: map[string]string{
			"cookie_stuffing": "Çerez doldurma", "bots": "Makine tıklamaları", "self_purchase": "Kendi alışverişi", "incentive": "Teşvikli trafik", "brand_bidding": "Marka reklamı", "misleading": "Yanıltıcı reklam",
			"hijacking": "Ziyaret kaçırma", "critical_traffic": "Kritik trafik", "account": "Hesap hakkında şüphe", "other": "Başka bir şey",
		},
		SanctionNames: map[string]string{"warning": "Uyarı", "block": "Programdan engelle", "decline_open": "Açık komisyonları reddet", "deduction": "Ürünler için antispam kesintisi"},
		Kinds:         map[string]string{"text": "Metin", "link": "Bağlantı", "order": "Sipariş", "click": "Tıklama", "figure": "Sayı", "file": "Dosya"},
		File:          "Dosya", FileHint: "PDF, PNG, JPEG ya da düz metin, en çok 5 MB.", AddFile: "Dosyayı ekle", BadFile: "Okunabilen bir dosya yok. En çok 5 MB olan birini seçin.",
		Bytes: func(n string) string { return n + " kB" },
	}
}
