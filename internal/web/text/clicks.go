package text

// Clicks is the page of one click.
type Clicks struct {
	Title, Visit                                                     func(id string) string
	Lead                                                             func(program string) string
	When, Channel, Space, Tracking, Link, Kind, LeadsTo, Sub, NoSub  string
	Counts, CountsNot, Because, Elsewhere, TokenOnly, Country        string
	Device, Browser, Referrer, Consent, Visitor, Repeat, Unknown     string
	Considered, ConsideredLead, OwnLead, None, NoneHint, Fate, Until string
	Earns, OtherChannel                                              string
	More                                                             func(n int64) string
	Verdicts, Reasons, Devices, Consents                             map[string]string
}

func clicksEnglish() Clicks {
	return Clicks{
		Title: func(id string) string { return "Click " + id }, Visit: func(id string) string { return "Visit " + id },
		Lead: func(program string) string {
			return "In the program " + program + ": where it came from, whether it counts, and what it brought."
		},
		When: "Clicked at", Channel: "Channel", Space: "Ad space", Tracking: "Tracking ID", Link: "Link", Kind: "Kind of link", LeadsTo: "Leads to", Sub: "Sub-IDs", NoSub: "none",
		Counts: "It counts", CountsNot: "It does not count", Because: "Why", Elsewhere: "It led to the link's substitute, or to the program's home page.",
		OtherChannel: "A visit through another channel: it brings no commission, but a paid one may displace a publisher's click.",
		TokenOnly:    "All that is known of it is what an order's click token said: its own record is missing or late.",
		Country:      "Country", Device: "Device", Browser: "Browser", Referrer: "Came from", Consent: "Consent", Visitor: "Visitor", Repeat: "Clicks on the link in that hour", Unknown: "not known",
		Considered: "Orders that considered it", ConsideredLead: "How the click came out in the newest decision about each item of its visitor.", OwnLead: "How the click came out for each item that you earn from.",
		None: "No order considered it", NoneHint: "The visitor has not bought anything yet, or the order is not decided.", Fate: "How it came out", Until: "Counts until", Earns: "The item earns",
		More: func(n int64) string {
			return "And " + plural(n, "more order", "more orders") + " of this visitor that are not shown here."
		},
		Verdicts: map[string]string{
			"valid": "valid", "bot": "a bot", "duplicate": "a repeated click", "forbidden_traffic": "forbidden traffic", "cookie_stuffing": "cookie stuffing", "blocked": "a blocked link, ad space or program", "fraud": "fraud",
		},
		Reasons: map[string]string{
			"head": "The address was only asked about (a HEAD request); no page was opened.", "prefetch": "The browser fetched it ahead; nobody had clicked.", "known_bot": "The browser says that it is a bot.",
			"http_client": "It came from a program, not from a browser.", "no_agent": "It did not say what browser it is.", "frame": "It was loaded in a frame of another page.", "image": "It was loaded as a picture.",
			"script": "It was loaded by a page as a script, a style or the like.", "fetch": "A program of a page asked for it.", "flood": "The same visitor followed the link too often within the hour.",
			"traffic_type": "The program forbids the ad space's traffic type.", "not_joined": "The ad space had not joined the program.", "space_blocked": "The ad space was blocked.", "link_revoked": "The publisher had stopped the link.",
			"link_blocked": "The operator had stopped the link.", "program_closed": "The program had no terms in force.", "target_dead": "The link's target was gone, so it led elsewhere.", "host_removed": "The target's host is not the program's any more, so it led elsewhere.",
		},
		Devices:  map[string]string{"unknown": "not known", "desktop": "Computer", "mobile": "Phone", "tablet": "Tablet", "robot": "Bot"},
		Consents: map[string]string{"unknown": "not asked", "granted": "given", "denied": "refused"},
	}
}

func clicksTurkish() Clicks {
	return Clicks{
		Title: func(id string) string { return "Tıklama " + id }, Visit: func(id string) string { return "Ziyaret " + id },
		Lead: func(program string) string {
			return program + " programında: nereden geldi, sayılıyor mu ve ne getirdi."
		},
		When: "Tıklama zamanı", Channel: "Kanal", Space: "Reklam alanı", Tracking: "Takip kimliği", Link: "Bağlantı", Kind: "Bağlantı türü", LeadsTo: "Hedef", Sub: "Alt kimlikler", NoSub: "yok",
		Counts: "Sayılıyor", CountsNot: "Sayılmıyor", Because: "Neden", Elsewhere: "Bağlantının yedek hedefine ya da programın ana sayfasına gitti.",
		OtherChannel: "Başka bir kanaldan ziyaret: komisyon getirmez, ama ücretli olanı bir yayıncının tıklamasının yerini alabilir.",
		TokenOnly:    "Hakkında yalnızca bir siparişin tıklama belirtecinin söylediği biliniyor: kendi kaydı eksik ya da geç kaldı.",
		Country:      "Ülke", Device: "Cihaz", Browser: "Tarayıcı", Referrer: "Geldiği sayfa", Consent: "İzin", Visitor: "Ziyaretçi", Repeat: "O saatte bağlantıya tıklama", Unknown: "bilinmiyor",
		Considered: "Onu değerlendiren siparişler", ConsideredLead: "Ziyaretçinin her ürünü hakkındaki en son kararda tıklamanın sonucu.", OwnLead: "Kazandığınız her üründe tıklamanın sonucu.",
		None: "Hiçbir sipariş onu değerlendirmedi", NoneHint: "Ziyaretçi henüz bir şey almadı ya da siparişe karar verilmedi.", Fate: "Sonucu", Until: "Geçerlilik sonu", Earns: "Ürünün kazancı",
		More: func(n int64) string {
			return "Bu ziyaretçinin burada gösterilmeyen " + plural(n, "siparişi", "siparişi") + " daha var."
		},
		Verdicts: map[string]string{
			"valid": "geçerli", "bot": "bot", "duplicate": "tekrarlanan tıklama", "forbidden_traffic": "yasak trafik", "cookie_stuffing": "çerez doldurma", "blocked": "engellenmiş bağlantı, reklam alanı ya da program", "fraud": "hile",
		},
		Reasons: map[string]string{
			"head": "Adres yalnızca soruldu (HEAD isteği); sayfa açılmadı.", "prefetch": "Tarayıcı önceden getirdi; kimse tıklamamıştı.", "known_bot": "Tarayıcı bot olduğunu söylüyor.",
			"http_client": "Bir tarayıcıdan değil, bir programdan geldi.", "no_agent": "Hangi tarayıcı olduğunu söylemedi.", "frame": "Başka bir sayfanın çerçevesinde yüklendi.", "image": "Resim olarak yüklendi.",
			"script": "Bir sayfa onu betik, stil ya da benzeri olarak yükledi.", "fetch": "Bir sayfanın programı istedi.", "flood": "Aynı ziyaretçi bir saat içinde bağlantıya çok sık tıkladı.",
			"traffic_type": "Program, reklam alanının trafik türünü yasaklıyor.", "not_joined": "Reklam alanı programa katılmamıştı.", "space_blocked": "Reklam alanı engellenmişti.", "link_revoked": "Yayıncı bağlantıyı durdurmuştu.",
			"link_blocked": "İşletmeci bağlantıyı durdurmuştu.", "program_closed": "Programın yürürlükte koşulu yoktu.", "target_dead": "Bağlantının hedefi kalkmıştı, başka yere gitti.", "host_removed": "Hedefin sunucusu artık programın değil, başka yere gitti.",
		},
		Devices:  map[string]string{"unknown": "bilinmiyor", "desktop": "Bilgisayar", "mobile": "Telefon", "tablet": "Tablet bilgisayar", "robot": "Robot"},
		Consents: map[string]string{"unknown": "sorulmadı", "granted": "verildi", "denied": "reddedildi"},
	}
}
