package text

// Subs are the pages of publishers under a subnetwork (A8).
type Subs struct {
	Title, Lead, Empty, EmptyHint, NotNetwork, NotNetworkHint   string
	Name, ID, IDHint, Parent, Site, Traffic, TrafficHint, Note  string
	Enter, EnterHint, Entered, Upload, UploadLead, File, Send   string
	Figures, FiguresLead, Own, State, Active, Blocked, BlockedW string
	Block, Unblock, Reason, ReasonHint, Parts, PartsLead, CSV   string
	Payout, Amount, Balance, NoParts, Of, Rule                  string
	TookLines                                                   func(n int64) string
	States                                                      map[string]string
}

func subsEnglish() Subs {
	return Subs{
		Title: "Sub-publishers", Lead: "The publishers under your subnetwork. Make links with a sub-publisher's id as the ad space, and its traffic, orders and money are told apart everywhere.",
		Empty: "No sub-publishers yet", EmptyHint: "Enter one below, or upload a file.", NotNetwork: "You have no subnetwork", NotNetworkHint: "An ad space of the traffic type subnetwork that joined a program can have publishers under it.",
		Name: "Name", ID: "Id", IDHint: "Stands in links and reports as the ad space; letters, digits, dots, hyphens and underscores.", Parent: "Works under", Site: "Site", Traffic: "Traffic type",
		TrafficHint: "What the sub-publisher does. Programs treat it as the subnetwork's all the same.", Note: "Note", Enter: "Enter a sub-publisher", EnterHint: "The same id again changes what is said of it.", Entered: "The sub-publisher is entered: make links with its id now.",
		Upload: "Many at once", UploadLead: "A CSV file with the columns id, parent, name, site, traffic_type and note; all lines are taken, or none.", File: "CSV file", Send: "Upload",
		Figures: "What each brought", FiguresLead: "Clicks, orders and commission by sub-publisher. Days are those of UTC.", Own: "the subnetwork itself", State: "State", Active: "Active", Blocked: "Blocked", BlockedW: "Blocked by the operator since",
		Block: "Block", Unblock: "Unblock", Reason: "Reason", ReasonHint: "The subnetwork reads it.", Parts: "Payouts by sub-publisher", PartsLead: "Which part of each payout each sub-publisher brought. The parts add up to the payout, to the cent.",
		CSV: "Download as CSV", Payout: "Payout", Amount: "Part", Balance: "in the balance", NoParts: "Nothing was paid out yet.", Of: "Subnetwork",
		Rule: "The rules of subnetworks hold for all of them: no increased rate for hot products and no commission on non-affiliate products. When the operator blocks one, its clicks are invalid from then on, and the others go on.",
		TookLines: func(n int64) string {
			if n == 1 {
				return "1 sub-publisher was taken"
			}
			return Of(English).Number(n) + " sub-publishers were taken"
		},
		States: map[string]string{"available": "In the balance", "reserved": "In a payout run", "sent": "Sent to the bank", "paid": "Paid", "rejected": "Refused by the bank", "returned": "Came back", "cancelled": "Cancelled", "excluded": "Left out"},
	}
}

func subsTurkish() Subs {
	return Subs{
		Title: "Alt yayıncılar", Lead: "Alt ağınızdaki yayıncılar. Bağlantıları alt yayıncının kimliğini reklam alanı yaparak oluşturun; trafiği, siparişleri ve parası her yerde ayrı görünür.",
		Empty: "Henüz alt yayıncı yok", EmptyHint: "Aşağıdan birini girin ya da bir dosya yükleyin.", NotNetwork: "Alt ağınız yok", NotNetworkHint: "Bir programa katılmış, trafik türü alt ağ olan bir reklam alanının altında yayıncılar olabilir.",
		Name: "Ad", ID: "Kimlik", IDHint: "Bağlantılarda ve raporlarda reklam alanı olarak durur; harf, rakam, nokta, tire ve alt çizgi.", Parent: "Bağlı olduğu alan", Site: "Sitesi", Traffic: "Trafik türü",
		TrafficHint: "Alt yayıncının yaptığı iş. Programlar yine de ona alt ağ gibi davranır.", Note: "Açıklama", Enter: "Alt yayıncı gir", EnterHint: "Aynı kimlik yeniden girilirse bilgileri değişir.", Entered: "Alt yayıncı girildi: kimliğiyle şimdi bağlantı oluşturun.",
		Upload: "Birçoğu birden", UploadLead: "id, parent, name, site, traffic_type ve note sütunlarını taşıyan bir CSV dosyası; ya bütün satırlar alınır ya hiçbiri.", File: "CSV dosyası", Send: "Yükle",
		Figures: "Her biri ne getirdi", FiguresLead: "Alt yayıncıya göre tıklama, sipariş ve komisyon. Günler UTC günleridir.", Own: "alt ağın kendisi", State: "Durum", Active: "Etkin", Blocked: "Engelli", BlockedW: "İşletmeci şu zamandan beri engelledi:",
		Block: "Engelle", Unblock: "Engeli kaldır", Reason: "Neden", ReasonHint: "Alt ağ bunu okur.", Parts: "Alt yayıncıya göre ödemeler", PartsLead: "Her ödemenin hangi kısmını hangi alt yayıncı getirdi. Kısımların toplamı kuruşu kuruşuna ödemeyi verir.",
		CSV: "CSV olarak indir", Payout: "Ödeme", Amount: "Payı", Balance: "bakiyede", NoParts: "Henüz bir ödeme yapılmadı.", Of: "Alt ağ",
		Rule:      "Alt ağ kuralları hepsi için geçerlidir: sıcak ürünlerde yükseltilmiş oran ve ortaklık dışı ürünlerde komisyon yoktur. İşletmeci birini engellerse onun tıklamaları o andan sonra geçersizdir, ötekiler sürer.",
		TookLines: func(n int64) string { return Of(Turkish).Number(n) + " alt yayıncı alındı" },
		States:    map[string]string{"available": "Bakiyede", "reserved": "Ödeme turunda", "sent": "Bankaya gönderildi", "paid": "Ödendi", "rejected": "Banka geri çevirdi", "returned": "Geri geldi", "cancelled": "İptal edildi", "excluded": "Dışarıda kaldı"},
	}
}
