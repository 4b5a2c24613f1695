package text

import "strconv"

// Desk are the pages of tickets, announcements, personal managers and welcome packs.
type Desk struct {
	Help, HelpLead, Yours, None, NoneHint, Ticket, Tickets, Kind, Changed, New, Find, Ask, Subject, Text, OrderHint, TrafficType, TrafficHint, Send string
	AskedBy, Opened, Verdict, Assignee, Assign, Me, Mine, Conversation, Support, Internal, Reply, Reopens, CloseOwn                                 string
	Answer, AnswerHint, AskBack, TakeNote, Close, Agree, Refuse, Decided, NoOrder, NotYours, QueueLead, QueueEmpty, OurTurn                         string
	Inbox, InboxLead, InboxEmpty, Pinned, Message, Announcements, BoardLead, Write, Audience, Seller, ShownFrom, FromHint, ShownTo, ToHint, NoDay   string
	Pin, ByMail, Publish, Published, Withdraw, Withdrawn, Over                                                                                      string
	Manager, ManagerLead, Name, Email, Messenger, AssignedBy, WriteTo                                                                               string
	Welcome, WelcomeLead, SentAt, Best, BestLead, NoBest, Product, Category, AllDeliveries, NoKeywords, Unpaid, UnpaidLead, NoStores, AllPay        string
	NotJoined, NotJoinedHint                                                                                                                        string
	Kinds, States, Verdicts, Audiences                                                                                                              map[string]string
	Number                                                                                                                                          func(n int64) string
	News                                                                                                                                            func(n int64) string
}

func deskEnglish() Desk {
	return Desk{
		Help: "Help", HelpLead: "Ask us anything. Each question is a ticket with a number and its conversation; you get an e-mail when it is answered.",
		Yours: "Your tickets", None: "No tickets yet", NoneHint: "Ask below, and the answer appears here.", Ticket: "Ticket", Tickets: "Tickets", Kind: "What it is about", Changed: "Changed", New: "new",
		Find: "Ticket number", Ask: "Open a ticket", Subject: "Subject", Text: "Text", OrderHint: "Needed where an order is missing: we look why it was decided as it was.",
		TrafficType: "Traffic type that you want", TrafficHint: "Only for tickets about several traffic types.", Send: "Send",
		AskedBy: "Asked by", Opened: "Opened", Verdict: "Decision", Assignee: "Assigned to", Assign: "Assign", Me: "me", Mine: "assigned to me", Conversation: "Conversation", Support: "support", Internal: "internal note",
		Reply: "Write back", Reopens: "The ticket is closed; writing opens it again.", CloseOwn: "It is settled",
		Answer: "Answer", AnswerHint: "Whoever asked reads it and is told by e-mail. A note stays among us.", AskBack: "Ask back", TakeNote: "Keep as internal note", Close: "Close",
		Agree: "Agree to the traffic type", Refuse: "Refuse", Decided: "How the order was decided", NoOrder: "There is no decision about this order: it was not reported, or its number is another one.",
		NotYours:  "This order did not earn you anything so far, so its record is not yours to see. Support sees it and tells you what it can.",
		QueueLead: "Questions of publishers and sellers.", QueueEmpty: "Nobody waits", OurTurn: "Waiting for us",
		Inbox: "Messages", InboxLead: "What the operator tells you.", InboxEmpty: "No messages", Pinned: "pinned", Message: "Message", Announcements: "Announcements",
		BoardLead: "What publishers and sellers find in their messages, in English and Turkish. A language that you leave empty reads the other one.", Write: "Write an announcement", Audience: "To whom", Seller: "Seller's organisation",
		ShownFrom: "Shown from", FromHint: "Empty: at once.", ShownTo: "Up to and including", ToHint: "Empty: for good.", NoDay: "write a day such as 2026-03-31", Pin: "keep it on top", ByMail: "send it by e-mail too",
		Publish: "Publish", Published: "Announcements so far", Withdraw: "Withdraw", Withdrawn: "withdrawn", Over: "over",
		Manager: "Personal manager", ManagerLead: "The publisher sees this contact on the dashboard and on the help page, and is told by e-mail.", Name: "Name", Email: "E-mail", Messenger: "Messenger", AssignedBy: "Named by", WriteTo: "Write a message to this publisher",
		Welcome: "Welcome pack", WelcomeLead: "What helps at the beginning. It is kept up to date here.", SentAt: "Sent by e-mail", Best: "Best-selling products",
		BestLead: "By market of delivery, found anew each month from the orders of the last 30 days, or 90 where those are few. Follow a product to make a link to it.",
		NoBest:   "Not enough was sold yet.", Product: "Product", Category: "Category", AllDeliveries: "All deliveries", NoKeywords: "This program bans no keywords.",
		Unpaid: "Stores without commission", UnpaidLead: "Products of these stores earn nothing, whatever brings the buyer.", NoStores: "No store is on this list now.", AllPay: "This program pays for every store.",
		NotJoined: "None of your ad spaces is in this program", NotJoinedHint: "The welcome pack is there as soon as one has joined.",
		Kinds: map[string]string{
			"traffic_types": "Several traffic types", "traffic_check": "Traffic check", "missing_order": "A missing order", "payment": "Payment", "technical": "Something technical", "other": "Something else",
		},
		States:    map[string]string{"open": "Open", "waiting": "Waits for the asker", "answered": "Answered", "closed": "Closed", "reopened": "Reopened"},
		Verdicts:  map[string]string{"agreed": "Agreed", "refused": "Refused"},
		Audiences: map[string]string{"everybody": "Everybody", "publishers": "All publishers", "sellers": "All sellers", "program": "Publishers of a program", "publisher": "One publisher", "seller": "One seller"},
		Number:    func(n int64) string { return "#" + strconv.FormatInt(n, 10) },
		News:      func(n int64) string { return strconv.FormatInt(n, 10) + " new" },
	}
}

func deskTurkish() Desk {
	return Desk{
		Help: "Yardım", HelpLead: "Bize her şeyi sorabilirsiniz. Her soru, numarası ve yazışması olan bir taleptir; yanıtlandığında e-posta alırsınız.",
		Yours: "Talepleriniz", None: "Henüz talep yok", NoneHint: "Aşağıdan sorun, yanıt burada görünür.", Ticket: "Talep", Tickets: "Talepler", Kind: "Konusu", Changed: "Değişti", New: "yeni",
		Find: "Talep numarası", Ask: "Talep aç", Subject: "Başlık", Text: "Metin", OrderHint: "Eksik sipariş için gerekli: neden öyle karar verildiğine bakarız.",
		TrafficType: "İstediğiniz trafik türü", TrafficHint: "Yalnızca birden çok trafik türüyle ilgili taleplerde.", Send: "Gönder",
		AskedBy: "Soran", Opened: "Açıldı", Verdict: "Karar", Assignee: "Atanan", Assign: "Ata", Me: "ben", Mine: "bana atanmış", Conversation: "Yazışma", Support: "destek", Internal: "iç not",
		Reply: "Yanıt yazın", Reopens: "Talep kapalı; yazarsanız yeniden açılır.", CloseOwn: "Çözüldü",
		Answer: "Yanıtla", AnswerHint: "Soran okur ve e-postayla haber alır. Not ise aramızda kalır.", AskBack: "Soru sor", TakeNote: "İç not olarak sakla", Close: "Kapat",
		Agree: "Trafik türünü onayla", Refuse: "Reddet", Decided: "Sipariş hakkında nasıl karar verildi", NoOrder: "Bu sipariş hakkında karar yok: bildirilmemiş ya da numarası başka.",
		NotYours:  "Bu sipariş size şimdiye dek bir şey kazandırmadı, bu yüzden kaydını göremezsiniz. Destek görür ve söyleyebileceğini söyler.",
		QueueLead: "Yayıncıların ve satıcıların soruları.", QueueEmpty: "Bekleyen yok", OurTurn: "Bizi bekleyenler",
		Inbox: "İletiler", InboxLead: "İşletmecinin size söyledikleri.", InboxEmpty: "İleti yok", Pinned: "sabit", Message: "İleti", Announcements: "Duyurular",
		BoardLead: "Yayıncıların ve satıcıların iletilerinde gördükleri, İngilizce ve Türkçe. Boş bıraktığınız dilde öbürü okunur.", Write: "Duyuru yaz", Audience: "Kime", Seller: "Satıcı kuruluşu",
		ShownFrom: "Başlangıç", FromHint: "Boş: hemen.", ShownTo: "Son gün", ToHint: "Boş: süresiz.", NoDay: "2026-03-31 gibi bir gün yazın", Pin: "üstte tut", ByMail: "e-postayla da gönder",
		Publish: "Yayımla", Published: "Şimdiye dek duyurular", Withdraw: "Geri çek", Withdrawn: "geri çekildi", Over: "bitti",
		Manager: "Kişisel yönetici", ManagerLead: "Yayıncı bu kişiyi panosunda ve yardım sayfasında görür, e-postayla da haber alır.", Name: "Ad", Email: "E-posta", Messenger: "Mesajlaşma", AssignedBy: "Atayan:", WriteTo: "Bu yayıncıya ileti yaz",
		Welcome: "Hoş geldin paketi", WelcomeLead: "Başlangıçta işinize yarayacaklar. Burada güncel tutulur.", SentAt: "E-postayla gönderildi", Best: "En çok satan ürünler",
		BestLead: "Teslimat pazarına göre; her ay son 30 günün, azsa 90 günün siparişlerinden yeniden bulunur. Bağlantı yapmak için ürünü izleyin.",
		NoBest:   "Henüz yeterince satış yok.", Product: "Ürün", Category: "Kategori", AllDeliveries: "Tüm teslimatlar", NoKeywords: "Bu program anahtar kelime yasaklamıyor.",
		Unpaid: "Komisyonsuz mağazalar", UnpaidLead: "Alıcıyı ne getirirse getirsin, bu mağazaların ürünleri bir şey kazandırmaz.", NoStores: "Şu anda bu listede mağaza yok.", AllPay: "Bu program her mağaza için öder.",
		NotJoined: "Hiçbir reklam alanınız bu programda değil", NotJoinedHint: "Biri katılır katılmaz hoş geldin paketi burada olur.",
		Kinds: map[string]string{
			"traffic_types": "Birden çok trafik türü", "traffic_check": "Trafik denetimi", "missing_order": "Eksik sipariş", "payment": "Ödeme", "technical": "Teknik bir konu", "other": "Başka bir şey",
		},
		States:    map[string]string{"open": "Açık", "waiting": "Soranı bekliyor", "answered": "Yanıtlandı", "closed": "Kapandı", "reopened": "Yeniden açıldı"},
		Verdicts:  map[string]string{"agreed": "Onaylandı", "refused": "Reddedildi"},
		Audiences: map[string]string{"everybody": "Herkese", "publishers": "Tüm yayıncılara", "sellers": "Tüm satıcılara", "program": "Bir programın yayıncılarına", "publisher": "Bir yayıncıya", "seller": "Bir satıcıya"},
		Number:    func(n int64) string { return "#" + strconv.FormatInt(n, 10) },
		News:      func(n int64) string { return strconv.FormatInt(n, 10) + " yeni" },
	}
}
