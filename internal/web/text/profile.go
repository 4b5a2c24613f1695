package text

// Profile is the page on which publishers describe themselves, and the list of what a new one does first.
type Profile struct {
	Title, Lead, AudienceHint, SourcesHint, Promotes, Website, Contact, ContactHint, Markets, MarketsHint, Save, Saved, ReadOnly, Nobody string
	Next, NextLead, Done, Open                                                                                                           string
	CheckIs, NoSpaces, Sub                                                                                                               string
	Steps, Promotions                                                                                                                    map[string]string
}

func profileEnglish() Profile {
	return Profile{
		Title: "Profile", Lead: "What you say of yourself. Reviewers read it beside your applications.",
		AudienceHint: "Whom you reach: age, interests, how many.", SourcesHint: "Where your visitors come from: search, social networks, e-mail, advertising.",
		Promotes: "How you promote", Website: "Web site", Contact: "Contact for questions", ContactHint: "A name and an address at which we reach you.",
		Markets: "Markets", MarketsHint: "Codes of countries with commas, such as TR, DE", Save: "Save", Saved: "Your profile is saved.",
		ReadOnly: "Owners and members of your organisation can change it.", Nobody: "No organisation stands for this publisher here, so it has no profile.",
		Next: "What to do next", NextLead: "Six steps from signing up to being paid.", Done: "Done", Open: "Open",
		CheckIs:  "A traffic check lasts as long as the program's document says, counted from the day of joining. It ends by itself: nobody prolongs or shortens it. Meanwhile hot products earn their usual rate, and products of stores that do not take part earn nothing.",
		NoSpaces: "No ad space of this publisher joined a program.", Sub: "Traffic check",
		Steps: map[string]string{
			"profile": "Describe yourself in your profile", "space": "Enter an ad space", "verify": "Verify it", "apply": "Apply to a program", "link": "Make your first link", "payout": "Enter payout details",
		},
		Promotions: map[string]string{
			"reviews": "Reviews and articles", "price_comparison": "Price comparison", "coupons": "Coupons and offers", "cashback": "Cashback", "social_posts": "Posts in social networks", "messenger_channel": "Messenger channel",
			"video": "Video", "newsletter": "Newsletter", "search_ads": "Search advertising", "display_ads": "Display advertising", "app": "App or extension", "other": "Something else",
		},
	}
}

func profileTurkish() Profile {
	return Profile{
		Title: "Profil", Lead: "Kendiniz hakkında söyledikleriniz. İnceleyenler başvurularınızla birlikte okur.",
		AudienceHint: "Kime ulaştığınız: yaş, ilgi alanları, kaç kişi.", SourcesHint: "Ziyaretçilerinizin geldiği yerler: arama, sosyal ağlar, e-posta, reklam.",
		Promotes: "Nasıl tanıttığınız", Website: "Web sitesi", Contact: "Sorular için iletişim", ContactHint: "Size ulaşabileceğimiz bir ad ve adres.",
		Markets: "Pazarlar", MarketsHint: "Virgülle ayrılmış ülke kodları, örneğin TR, DE", Save: "Kaydet", Saved: "Profiliniz kaydedildi.",
		ReadOnly: "Kuruluşunuzun sahipleri ve üyeleri değiştirebilir.", Nobody: "Bu yayıncı adına burada bir kuruluş yok, bu yüzden profili de yok.",
		Next: "Sırada ne var", NextLead: "Kayıttan ödemeye altı adım.", Done: "Tamam", Open: "Bekliyor",
		CheckIs:  "Trafik denetimi, katılım gününden başlayarak programın belgesinde yazan süre kadar sürer. Kendiliğinden biter: kimse uzatmaz ya da kısaltmaz. Sürerken gözde ürünler olağan oranı kazandırır, katılmayan mağazaların ürünleri bir şey kazandırmaz.",
		NoSpaces: "Bu yayıncının hiçbir reklam alanı bir programa katılmadı.", Sub: "Trafik denetimi",
		Steps: map[string]string{
			"profile": "Profilinizde kendinizi anlatın", "space": "Bir reklam alanı girin", "verify": "Doğrulayın", "apply": "Bir programa başvurun", "link": "İlk bağlantınızı oluşturun", "payout": "Ödeme bilgilerini girin",
		},
		Promotions: map[string]string{
			"reviews": "İncelemeler ve yazılar", "price_comparison": "Fiyat karşılaştırma", "coupons": "Kuponlar ve fırsatlar", "cashback": "Para iadesi", "social_posts": "Sosyal ağ paylaşımları", "messenger_channel": "Mesajlaşma kanalı",
			"video": "Videolar", "newsletter": "Bülten", "search_ads": "Arama reklamı", "display_ads": "Görüntülü reklam", "app": "Uygulama ya da eklenti", "other": "Başka bir şey",
		},
	}
}
