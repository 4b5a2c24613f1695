package text

// Linking is what the pages of links say beside Links: lists of wishes, one link in detail, many addresses at once.
type Linking struct {
	OnlySpace, NoTracking, TrackingHint, Kinds, KindsLead, NoSpaces, NoSpacesHint string
	File, FileHint, MakeCSV, Wish, WhyNot                                         string
	GrantedAll                                                                    func(n int64) string
	GrantedSome                                                                   func(made, all int64) string
	Words, WordsHint, CSV, NoneFits, NoneFitsHint                                 string
	Days, DaysLead, Rejected, Approved, ToReport                                  string
	Builder, BuilderLead, Build, Finished, BuilderHint, LongSub                   string
	PNG, SVG, State, EarnsNow, DoesEarn, DoesCount, IsVoid                        string
	ManyLead, ManyHint, OneLead, Whose, Affiliate, CheckCSV, MakeOne              string
	Checked                                                                       func(earn, all int64) string
	TooMany                                                                       func(most int64) string
	TheyEarn, TheyStopped                                                         string // of a link, for the operator
	Subs, KindHelp, StateHelp, Owners                                             map[string]string
}

func linkingEnglish() Linking {
	t := &Texts{Format: Format{Group: ","}}
	return Linking{
		TheyEarn: "It counts for its publisher and earns a commission.", TheyStopped: "Its publisher stopped this link.",
		OnlySpace: "My only one in the program", NoTracking: "none", TrackingHint: "Must be one of the ad space's.", Kinds: "What a link can lead to", KindsLead: "Leave “Leads to a” at “What its address says” and paste addresses; most products and stores are recognised. Choose a kind to write ids instead.",
		NoSpaces: "No ad space of yours has joined a program yet", NoSpacesHint: "Links are made for ad spaces that have joined: apply with one first.",
		File: "Or a CSV file", FileHint: "Up to 5,000 lines. Its first line names the columns: address, or kind and id; ad_space, tracking_id and program where they differ from what is chosen above. It is taken in place of the addresses.",
		MakeCSV: "Make links, result as CSV", Wish: "Asked for", WhyNot: "Why not",
		GrantedAll: func(n int64) string {
			if n == 1 {
				return "The link is made."
			}
			return "All " + t.Number(n) + " links are made."
		},
		GrantedSome: func(made, all int64) string {
			return t.Number(made) + " of " + plural(all, "link", "links") + " made; what stands in the way of the others is told below."
		},
		Words: "Words", WordsHint: "In the code, the address or the id.", CSV: "Download all as CSV", NoneFits: "No link fits", NoneFitsHint: "Take fewer filters or other words.",
		Days: "The last 30 days", DaysLead: "Days are those of UTC. Figures of orders may still change: see their states in the report.", Rejected: "rejected", Approved: "approved", ToReport: "The report of this link",
		Builder: "Sub-IDs", BuilderLead: "Four texts of your own that come back with every click and order: in reports, postbacks and the API.", Build: "Show the finished link", Finished: "The finished link",
		BuilderHint: "Empty ones are left out. Each is recorded up to 128 bytes.", LongSub: "Longer than 128 bytes: it would be cut.",
		PNG: "Download as PNG", SVG: "Download as SVG", State: "State", EarnsNow: "What it earns now", DoesEarn: "Earns", DoesCount: "Counts only", IsVoid: "Not valid",
		ManyLead: "Many addresses", ManyHint: "One a line, up to 200: links or pages of a program.", OneLead: "One address", Whose: "Whose", Affiliate: "Affiliate product", CheckCSV: "Check, result as CSV", MakeOne: "Make a link for it",
		Checked: func(earn, all int64) string {
			return t.Number(earn) + " of " + plural(all, "address", "addresses") + " earn a commission for you."
		},
		TooMany: func(most int64) string {
			return "At most " + plural(most, "address", "addresses") + " at once."
		},
		Subs: map[string]string{"af": "af – the site or partner", "cn": "cn – the campaign", "cv": "cv – the creative", "dp": "dp – the place on the page"},
		KindHelp: map[string]string{
			"home": "The program's first page. Needs no address.", "product": "One product. Paste its page, or choose this kind and write its id, such as 1005006.",
			"hot": "One product at the increased rate of hot products, if it is bought itself and the program lists it as hot.", "store": "A seller's store. Paste its page, or write the store's id.",
			"category": "A category of the program. Write its id, and its address where the program has none of its own.", "search": "Results of a search. Write the words, and behind them the address of the result page where the program has none of its own.",
			"campaign": "A sale or campaign page. Write its name and then its address, such as “spring https://…”.", "coupon": "The page of a coupon. Write the coupon's code and then its address.",
			"page": "Any other page of the program's sites. Paste its address.",
		},
		StateHelp: map[string]string{
			"live": "Visits through it count for you.", "dead": "Its target is gone. Visitors are led to its substitute or to the program's home page, and count for you there. It lives again when the target is back.",
			"revoked": "You stopped it: visits do not count.", "blocked": "The operator stopped it: visits do not count. Ask in Help why.",
		},
		Owners: map[string]string{"yours": "Yours", "another_publisher": "Another publisher's", "nobody": "Nobody's"},
	}
}

func linkingTurkish() Linking {
	t := &Texts{Format: Format{Group: "."}}
	return Linking{
		TheyEarn: "Yayıncısı için sayılır ve komisyon kazandırır.", TheyStopped: "Bu bağlantıyı yayıncısı durdurdu.",
		OnlySpace: "Programdaki tek alanım", NoTracking: "yok", TrackingHint: "Reklam alanının kendi kimliklerinden biri olmalı.", Kinds: "Bir bağlantı nereye götürebilir", KindsLead: "“Götürdüğü yer” seçimini “Adresin gösterdiği” olarak bırakıp adresleri yapıştırın; çoğu ürün ve mağaza tanınır. Adres yerine kimlik yazmak için bir tür seçin.",
		NoSpaces: "Henüz hiçbir reklam alanınız bir programa katılmadı", NoSpacesHint: "Bağlantılar katılmış reklam alanları için oluşturulur: önce bir alanla başvurun.",
		File: "Ya da bir CSV dosyası", FileHint: "En çok 5.000 satır. İlk satır sütunları adlandırır: address ya da kind ve id; yukarıda seçilenden farklıysa ad_space, tracking_id ve program. Adreslerin yerine alınır.",
		MakeCSV: "Bağlantı oluştur, sonucu CSV al", Wish: "İstenen", WhyNot: "Neden olmadı",
		GrantedAll: func(n int64) string { return t.Number(n) + " bağlantının tümü oluşturuldu." },
		GrantedSome: func(made, all int64) string {
			return t.Number(all) + " bağlantıdan " + t.Number(made) + " tanesi oluşturuldu; diğerlerinin engeli aşağıda."
		},
		Words: "Kelimeler", WordsHint: "Kodda, adreste ya da kimlikte.", CSV: "Tümünü CSV olarak indir", NoneFits: "Uyan bağlantı yok", NoneFitsHint: "Daha az filtre ya da başka kelimeler deneyin.",
		Days: "Son 30 gün", DaysLead: "Günler UTC günleridir. Sipariş rakamları daha değişebilir: durumlarına raporda bakın.", Rejected: "reddedilen", Approved: "onaylanan", ToReport: "Bu bağlantının raporu",
		Builder: "Alt kimlikler", BuilderLead: "Her tıklama ve siparişle geri gelen, size ait dört metin: raporlarda, geri bildirimlerde ve API'de.", Build: "Bitmiş bağlantıyı göster", Finished: "Bitmiş bağlantı",
		BuilderHint: "Boş olanlar eklenmez. Her birinin en çok 128 baytı kaydedilir.", LongSub: "128 bayttan uzun: kesilirdi.",
		PNG: "PNG olarak indir", SVG: "SVG olarak indir", State: "Durum", EarnsNow: "Şu an ne kazandırıyor", DoesEarn: "Kazandırır", DoesCount: "Yalnızca sayılır", IsVoid: "Geçersiz",
		ManyLead: "Birçok adres", ManyHint: "Her satıra bir tane, en çok 200: bağlantılar ya da bir programın sayfaları.", OneLead: "Tek adres", Whose: "Kimin", Affiliate: "Ortaklık ürünü", CheckCSV: "Denetle, sonucu CSV al", MakeOne: "Bunun için bağlantı oluştur",
		Checked: func(earn, all int64) string {
			return t.Number(all) + " adresten " + t.Number(earn) + " tanesi size komisyon kazandırıyor."
		},
		TooMany: func(most int64) string { return "Bir seferde en çok " + t.Number(most) + " adres." },
		Subs:    map[string]string{"af": "af – site ya da ortak", "cn": "cn – kampanya", "cv": "cv – görsel", "dp": "dp – sayfadaki yer"},
		KindHelp: map[string]string{
			"home": "Programın ilk sayfası. Adres gerekmez.", "product": "Tek bir ürün. Sayfasını yapıştırın ya da bu türü seçip 1005006 gibi kimliğini yazın.",
			"hot": "Kendisi alınırsa ve program onu hot sayıyorsa, hot ürünlerin yükseltilmiş oranıyla tek bir ürün.", "store": "Bir satıcının mağazası. Sayfasını yapıştırın ya da mağazanın kimliğini yazın.",
			"category": "Programın bir kategorisi. Kimliğini yazın; programın kendi adresi yoksa arkasından adresini.", "search": "Bir aramanın sonuçları. Kelimeleri yazın; programın kendi adresi yoksa arkasından sonuç sayfasının adresini.",
			"campaign": "Bir indirim ya da kampanya sayfası. Adını ve ardından adresini yazın: “bahar https://…”.", "coupon": "Bir kuponun sayfası. Kupon kodunu ve ardından adresini yazın.",
			"page": "Programın sitelerindeki başka herhangi bir sayfa. Adresini yapıştırın.",
		},
		StateHelp: map[string]string{
			"live": "Onunla gelen ziyaretler size sayılır.", "dead": "Götürdüğü yer artık yok. Ziyaretçiler yerine seçilen sayfaya ya da programın ana sayfasına götürülür ve orada size sayılır. Hedefi dönünce canlanır.",
			"revoked": "Siz durdurdunuz: ziyaretler sayılmaz.", "blocked": "İşletmeci durdurdu: ziyaretler sayılmaz. Nedenini Yardım'dan sorun.",
		},
		Owners: map[string]string{"yours": "Sizin", "another_publisher": "Başka bir yayıncının", "nobody": "Hiç kimsenin"},
	}
}
