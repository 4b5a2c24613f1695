package text

// Sellers are the pages of stores: taking part, rates, campaigns, what was sold and what it cost (S1-S3).
type Sellers struct {
	All, AllLead, Store, Stores, Seller                      string
	Part, Now, Takes, TakesNot, ByProduct                    string
	Leaves, MayJoinAgain                                     func(at string) string
	Join, JoinNow, JoinLead, JoinAgain                       string
	Leave, LeaveNow, Confirm, Cancel, Always                 string
	LeaveWhat                                                []string // what happens, with # for the day
	PauseWhat                                                string   // with # for the day
	History, HistoryEmpty, By, What                          string
	Changes                                                  map[string]string
	Rates, RatesLead, Rate, RateHint, NoRate, Product        string
	Whole, WholeStore, SetRate, TakeAway, From, FromHint     string
	To, Upcoming, Running, Over                              string
	Range                                                    func(program, from, to string) string
	Rules                                                    func(next, lower string) string
	Campaigns, CampaignLead, Campaign, CampaignName          string
	Products, ProductsHint, SetCampaign, End, EndHint        string
	NoOffers, Upload, UploadLead, UploadHint, File, Send     string
	Template, Taken, Effective                               string
	TookLines                                                func(n int64) string
	Report, ReportLead, ReportOf, Anonymous, SeeReport       string
	Dims                                                     map[string]string
	Columns                                                  map[string]string
	CostOfSale, TopPublishers, TopStores, Cost, CostLead     string
	Promotions, PromotionsLead, PromotionsEmpty, Featured    string
	MakeLink, Pays, EmptyHint, NotAsked, Lead, LastDays      string
	Sold, Spent, Back, PerUnit, Manage, ProductList, Source  string
	Reported, OwnRate, OperatorDoes, OrderAnonymous, WhyCost string
	OrderLead                                                func(program, store string) string
}

func sellersEnglish() Sellers {
	return Sellers{
		All: "Sellers", AllLead: "Every store: whether it takes part, what it sold through publishers, and what that cost.", Store: "Store", Stores: "Stores", Seller: "Seller",
		Part: "Taking part", Now: "Now", Takes: "Takes part", TakesNot: "Does not take part", ByProduct: "Product by product",
		Leaves:       func(at string) string { return "Takes part until " + at + " UTC" },
		MayJoinAgain: func(at string) string { return "May join again from " + at + " UTC on" },
		Join:         "Join", JoinNow: "Join now", JoinLead: "From now on the store's affiliate products earn commission for publishers who send you buyers, and you pay it.",
		JoinAgain: "Join again", Leave: "Leave", LeaveNow: "Leave, with notice until the end of the day", Confirm: "Before you confirm: what happens when", Cancel: "Go back", Always: "from the beginning",
		LeaveWhat: []string{
			"Until # UTC everything stays as it is: orders are rated and paid as agreed.",
			"From # UTC on, links to your products lead nowhere that pays: orders that are placed then earn nothing as orders of a participating store. The link checker tells publishers now already, with this date.",
			"Orders that were placed before stay as they are: what they earned is confirmed, and paid, and charged as agreed. Rates and campaigns that you set count no more from # UTC on.",
		},
		PauseWhat: "You may join again from # UTC on, not before.",
		History:   "What was changed", HistoryEmpty: "Nothing was changed here yet.", By: "By", What: "What",
		Changes: map[string]string{"join": "Joined", "leave": "Left, with notice", "rate": "Rate set", "campaign": "Campaign planned", "end": "Campaign ended"},
		Rates:   "Rates", RatesLead: "What you pay publishers, in percent of the price. A rate never changes an order that was placed before it took effect.",
		Rate: "Rate, %", RateHint: "Such as 7.5. Leave it empty to take your own rate away: then the one beneath it counts.", NoRate: "No rate of its own", Product: "Product",
		Whole: "Leave it empty for the whole store.", WholeStore: "The whole store", SetRate: "Set the rate", TakeAway: "taken away",
		From: "From", FromHint: "Leave it empty for as soon as the rules allow.", To: "Last day", Upcoming: "Upcoming", Running: "Running", Over: "Over",
		Range: func(program, from, to string) string { return program + ": " + from + " to " + to },
		Rules: func(next, lower string) string {
			return "A higher rate takes effect on the next day at the earliest, at " + next + " UTC. A lower one needs 7 days of notice, so that publishers can react: " + lower + " UTC at the earliest. A day is over when it is over in the time zone of every program."
		},
		Campaigns: "Campaigns", CampaignLead: "A higher rate for some days. Publishers see it ahead of time. A campaign begins on the next day at the earliest, pays more than the standing rate, and does not overlap with another one.",
		Campaign: "Campaign", CampaignName: "Name that publishers see", Products: "Products", ProductsHint: "Product numbers with commas or on lines of their own. Leave it empty for the whole store.",
		SetCampaign: "Plan the campaign", End: "End it", EndHint: "One that has not begun is taken away; one that runs ends after 7 days of notice.",
		NoOffers: "You have set no rates here yet.", Upload: "Many products at once", UploadLead: "A CSV file with the columns product, rate, from, to and campaign; all lines are taken, or none.",
		UploadHint: "from, to and campaign may be empty. A line without a rate takes the product's own rate away. Days are written 2026-03-10.", File: "CSV file", Send: "Upload", Template: "Your products with their rates as CSV",
		Taken: "Taken", Effective: "It takes effect at",
		TookLines: func(n int64) string {
			if n == 1 {
				return "1 line was taken"
			}
			return Of(English).Number(n) + " lines were taken"
		},
		Report: "Orders and cost", ReportLead: "Orders that publishers sent you, what they cost you, and what came back. Days are those of UTC.", ReportOf: "Broken down by",
		Anonymous: "Publishers stand under numbers, in the order in which they first sold for you: who they are is their affair and the operator's.", SeeReport: "Orders, cost and return",
		Dims: map[string]string{"day": "Day", "product": "Product", "campaign": "Campaign", "source": "Publisher, without a name", "category": "Category", "country": "Country", "item": "Each item", "program": "Program", "publisher": "Publisher", "store": "Store"},
		Columns: map[string]string{
			"day": "Day", "program": "Program", "product": "Product", "campaign": "Campaign", "source": "Publisher no.", "category": "Category", "country": "Country", "publisher": "Publisher", "store": "Store",
			"currency": "Currency", "items": "Items", "tracked": "Not paid yet", "pending": "Pending", "approved": "Approved", "declined": "Declined", "sold": "Sold", "commission_open": "Commission, open",
			"commission_approved": "Commission, approved", "network_fee": "Network fee", "cost": "Cost", "cost_of_sale": "Cost of sale, %", "return_on_cost": "Return on cost", "ordered_at": "Ordered",
			"order": "Order", "item": "Item", "state": "State", "reason": "Reason", "commission": "Commission", "rule": "Rule",
		},
		CostOfSale: "Cost of sale by program", TopPublishers: "Top publishers", TopStores: "Stores by cost", Cost: "Cost of sale", CostLead: "What advertisers pay for what was sold through publishers.",
		Promotions: "Promotional offers", PromotionsLead: "Campaigns and featured products of sellers who take part: what they pay, and from when until when.", PromotionsEmpty: "No offers at the moment",
		Featured: "Featured products", MakeLink: "Make a link", Pays: "Pays", EmptyHint: "Sellers announce campaigns ahead of time: look again soon.", NotAsked: "This program pays its own rates: sellers set none in it.",
		Lead: "Your stores on the marketplace: whether they take part, the rates that you set, and what publishers sold for you.", LastDays: "Last 30 days",
		Sold: "Sold through publishers", Spent: "What that cost", Back: "Return on cost", PerUnit: "for each unit of money", Manage: "Taking part, rates and campaigns", ProductList: "Products",
		Source: "Publisher no.", Reported: "as reported by the marketplace", OwnRate: "set here", OperatorDoes: "You are doing this for the seller; your name is kept with it.",
		WhyCost:        "Why it costs what it costs",
		OrderAnonymous: "What the store sold of the order through publishers; other stores' items, and what buyers found by themselves, stand nowhere here. Who the publishers are is their affair and the operator's.",
		OrderLead: func(program, store string) string {
			return "Program " + program + ": what " + store + " sold of it, and what that costs."
		},
	}
}

func sellersTurkish() Sellers {
	return Sellers{
		All: "Satıcılar", AllLead: "Bütün mağazalar: katılıyor mu, yayıncılar aracılığıyla ne sattı, bu neye mal oldu.", Store: "Mağaza", Stores: "Mağazalar", Seller: "Satıcı",
		Part: "Katılım", Now: "Şu an", Takes: "Katılıyor", TakesNot: "Katılmıyor", ByProduct: "Ürüne göre",
		Leaves:       func(at string) string { return at + " UTC tarihine kadar katılıyor" },
		MayJoinAgain: func(at string) string { return at + " UTC tarihinden itibaren yeniden katılabilir" },
		Join:         "Katıl", JoinNow: "Şimdi katıl", JoinLead: "Bundan sonra mağazanın ortaklık ürünleri, size alıcı gönderen yayıncılara komisyon kazandırır; komisyonu siz ödersiniz.",
		JoinAgain: "Yeniden katıl", Leave: "Ayrıl", LeaveNow: "Gün sonuna kadar bildirimle ayrıl", Confirm: "Onaylamadan önce: ne zaman ne olur", Cancel: "Geri dön", Always: "başlangıçtan beri",
		LeaveWhat: []string{
			"# UTC tarihine kadar her şey olduğu gibi kalır: siparişler anlaşıldığı gibi oranlanır ve ödenir.",
			"# UTC tarihinden itibaren ürünlerinize giden bağlantılar kazandırmaz: o andan sonraki siparişler katılan bir mağazanın siparişi olarak bir şey kazanmaz. Bağlantı denetleyicisi bunu yayıncılara bu tarihle şimdiden söyler.",
			"Daha önce verilen siparişler olduğu gibi kalır: kazandırdıkları onaylanır, ödenir ve anlaşıldığı gibi size yansıtılır. Belirlediğiniz oran ve kampanyalar # UTC tarihinden itibaren geçmez.",
		},
		PauseWhat: "# UTC tarihinden önce yeniden katılamazsınız.",
		History:   "Neler değişti", HistoryEmpty: "Burada henüz bir şey değiştirilmedi.", By: "Kim", What: "Ne",
		Changes: map[string]string{"join": "Katıldı", "leave": "Bildirimle ayrıldı", "rate": "Oran belirlendi", "campaign": "Kampanya planlandı", "end": "Kampanya bitirildi"},
		Rates:   "Oranlar", RatesLead: "Yayıncılara ödediğiniz, fiyatın yüzdesi olarak. Bir oran, yürürlüğe girmeden önce verilen siparişi hiç değiştirmez.",
		Rate: "Oran, %", RateHint: "Örneğin 7.5. Kendi oranınızı kaldırmak için boş bırakın: o zaman altındaki oran geçer.", NoRate: "Kendi oranı yok", Product: "Ürün",
		Whole: "Bütün mağaza için boş bırakın.", WholeStore: "Bütün mağaza", SetRate: "Oranı belirle", TakeAway: "kaldırıldı",
		From: "Başlangıç", FromHint: "Kuralların izin verdiği en erken gün için boş bırakın.", To: "Son gün", Upcoming: "Yaklaşan", Running: "Sürüyor", Over: "Bitti",
		Range: func(program, from, to string) string { return program + ": " + from + " – " + to },
		Rules: func(next, lower string) string {
			return "Daha yüksek bir oran en erken ertesi gün, " + next + " UTC tarihinde yürürlüğe girer. Daha düşük bir oran, yayıncılar uyum sağlasın diye 7 gün önceden bildirilir: en erken " + lower + " UTC. Bir gün, bütün programların saat diliminde bittiğinde biter."
		},
		Campaigns: "Kampanyalar", CampaignLead: "Birkaç gün için daha yüksek bir oran. Yayıncılar onu önceden görür. Bir kampanya en erken ertesi gün başlar, geçerli orandan fazlasını öder ve başka bir kampanyayla çakışmaz.",
		Campaign: "Kampanya", CampaignName: "Yayıncıların gördüğü ad", Products: "Ürünler", ProductsHint: "Virgülle ya da ayrı satırlarda ürün numaraları. Bütün mağaza için boş bırakın.",
		SetCampaign: "Kampanyayı planla", End: "Bitir", EndHint: "Başlamamış olan kaldırılır; süren kampanya 7 günlük bildirimden sonra biter.",
		NoOffers: "Burada henüz oran belirlemediniz.", Upload: "Birçok ürün birden", UploadLead: "product, rate, from, to ve campaign sütunlarını taşıyan bir CSV dosyası; ya bütün satırlar alınır ya hiçbiri.",
		UploadHint: "from, to ve campaign boş olabilir. Oransız bir satır ürünün kendi oranını kaldırır. Günler 2026-03-10 biçiminde yazılır.", File: "CSV dosyası", Send: "Yükle", Template: "Ürünleriniz ve oranları (CSV)",
		Taken: "Alındı", Effective: "Yürürlük zamanı",
		TookLines: func(n int64) string { return Of(Turkish).Number(n) + " satır alındı" },
		Report:    "Siparişler ve maliyet", ReportLead: "Yayıncıların size gönderdiği siparişler, size maliyeti ve geri dönen. Günler UTC günleridir.", ReportOf: "Kırılım",
		Anonymous: "Yayıncılar, sizin için ilk satış yaptıkları sırayla numaralanır: kim oldukları onların ve işletmecinin bileceği iştir.", SeeReport: "Siparişler, maliyet ve geri dönüş",
		Dims: map[string]string{"day": "Gün", "product": "Ürün", "campaign": "Kampanya", "source": "Adsız yayıncı", "category": "Kategori", "country": "Ülke", "item": "Her kalem", "program": "Program", "publisher": "Yayıncı", "store": "Mağaza"},
		Columns: map[string]string{
			"day": "Gün", "program": "Program", "product": "Ürün", "campaign": "Kampanya", "source": "Yayıncı no.", "category": "Kategori", "country": "Ülke", "publisher": "Yayıncı", "store": "Mağaza",
			"currency": "Para birimi", "items": "Kalem", "tracked": "Ödenmemiş", "pending": "Bekleyen", "approved": "Onaylanan", "declined": "Geri çevrilen", "sold": "Satış", "commission_open": "Komisyon, açık",
			"commission_approved": "Komisyon, onaylanan", "network_fee": "Ağ ücreti", "cost": "Maliyet", "cost_of_sale": "Satış maliyeti, %", "return_on_cost": "Maliyetin getirisi", "ordered_at": "Sipariş zamanı",
			"order": "Sipariş", "item": "Kalem no.", "state": "Durum", "reason": "Neden", "commission": "Komisyon", "rule": "Kural",
		},
		CostOfSale: "Programa göre satış maliyeti", TopPublishers: "En iyi yayıncılar", TopStores: "Maliyete göre mağazalar", Cost: "Satış maliyeti", CostLead: "Yayıncılar aracılığıyla satılanlar için reklam verenlerin ödediği.",
		Promotions: "Promosyon teklifleri", PromotionsLead: "Katılan satıcıların kampanyaları ve öne çıkan ürünleri: ne öderler, ne zamandan ne zamana kadar.", PromotionsEmpty: "Şu an teklif yok",
		Featured: "Öne çıkan ürünler", MakeLink: "Bağlantı yap", Pays: "Öder", EmptyHint: "Satıcılar kampanyaları önceden duyurur: yakında yine bakın.", NotAsked: "Bu program kendi oranlarını öder: satıcılar oran belirlemez.",
		Lead: "Pazaryerindeki mağazalarınız: katılıyorlar mı, belirlediğiniz oranlar ve yayıncıların sizin için sattıkları.", LastDays: "Son 30 gün",
		Sold: "Yayıncılar aracılığıyla satış", Spent: "Maliyeti", Back: "Maliyetin getirisi", PerUnit: "her para birimi için", Manage: "Katılım, oranlar ve kampanyalar", ProductList: "Ürün listesi",
		Source: "Yayıncı no.", Reported: "pazaryerinin bildirdiği", OwnRate: "burada belirlenen", OperatorDoes: "Bunu satıcı adına yapıyorsunuz; adınız kayda geçer.",
		WhyCost:        "Neden bu kadar tutuyor",
		OrderAnonymous: "Mağazanın siparişten yayıncılar aracılığıyla sattıkları; başka mağazaların kalemleri ve alıcıların kendiliğinden bulduğu ürünler burada yer almaz. Yayıncıların kim olduğu onların ve işletmecinin bileceği iştir.",
		OrderLead: func(program, store string) string {
			return program + " programı: " + store + " mağazasının bu siparişten sattıkları ve maliyeti."
		},
	}
}
