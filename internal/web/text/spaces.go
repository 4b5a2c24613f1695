package text

// Spaces are the pages of ad spaces and applications.
type Spaces struct {
	Title, Lead, Empty, EmptyHint, Space, Spaces, URL, Kind, Name, ID, IDHint, Traffic, Languages, LanguagesHint  string
	Description, TrackingIDs, TrackingHint, Save, Enter, Verified, NotVerified, Verify, VerifyLead                string
	Apply, ApplyHint, Applications, NoApplications, Answer, Reviewer, Queue, QueueLead, QueueEmpty, QueueHint     string
	Decide, Approve, Decline, Ask, Reason, Note, NoteHint, ChangedBy, Applied                                     string
	Joined, Since, Blocked, Check, CheckRuns, CheckOver, CheckMeans, Everything, Policy, Rank, Unranked, RankUpTo string
	Profile, NoProfile, Audience, Sources, Promotes, Earlier, NoEarlier, Again, HeldBy                            string
	SecondType, Held, Wanted, SecondText, OpenTicket                                                              string
	Methods, Kinds, States, Where                                                                                 map[string]string
}

func spacesEnglish() Spaces {
	return Spaces{
		Title: "Ad spaces", Lead: "Where your visitors come from. An ad space joins a program once it is verified and accepted; then you can make links for it.",
		Empty: "No ad spaces yet", EmptyHint: "Enter your site, channel or app below.", Space: "Ad space", Spaces: "Your ad spaces", URL: "Address", Kind: "What it is", Name: "Name", ID: "Short name",
		IDHint: "Letters, digits, hyphens; it stands in reports and never changes.", Traffic: "How it brings visitors", Languages: "Languages", LanguagesHint: "Codes with commas, such as en, tr",
		Description: "What it is about", TrackingIDs: "Tracking IDs", TrackingHint: "With commas; leave it empty if you need none.", Save: "Save", Enter: "Enter an ad space",
		Verified: "Verified", NotVerified: "Not verified", Verify: "Verify", VerifyLead: "Show that it is yours, in one of three ways. Then look for it here.",
		Apply: "Apply", ApplyHint: "A program that accepts everybody, or publishers of your rank, answers at once; otherwise somebody reads your application.",
		Applications: "Applications", NoApplications: "You have not applied to a program yet.", Answer: "Answer", Reviewer: "The reviewer asks",
		Queue: "Applications", QueueLead: "Ad spaces that want to join a program.", QueueEmpty: "Nobody waits", QueueHint: "Applications appear here as soon as they come.",
		Decide: "Decide", Approve: "Approve", Decline: "Decline", Ask: "Ask for more", Reason: "Reason for declining", Note: "Note to the publisher", NoteHint: "The publisher reads it.", ChangedBy: "Decided by", Applied: "Applied",
		Joined: "Programs", Since: "Joined", Blocked: "Blocked", Check: "Traffic check", CheckRuns: "runs until", CheckOver: "over since",
		CheckMeans: "While it runs, somebody looks whether the traffic is what you said. Hot products earn their usual rate instead of the increased one, and products of stores that do not take part earn nothing. Afterwards all rates hold by themselves.",
		Everything: "Everything about it", Policy: "Traffic policy", Rank: "Affiliate ranking", Unranked: "none yet", RankUpTo: "accepted at once up to",
		Profile: "What the publisher says of itself", NoProfile: "The profile is empty.", Audience: "Audience", Sources: "Traffic sources", Promotes: "Methods", Earlier: "Other applications of this publisher", NoEarlier: "There are none",
		Again: "Put it right and apply again", HeldBy: "The publisher works with:",
		SecondType: "Several traffic types under one login need our agreement first.", Held: "You work with:", Wanted: "This ad space has:",
		SecondText: "We would like to work with this traffic type under the same login:", OpenTicket: "Open a ticket for it",
		Methods: map[string]string{"meta": "A tag in the page's head", "file": "A file", "dns": "A DNS record"},
		Where:   map[string]string{"meta": "Put this into the head of", "file": "Put this into the file", "dns": "Add this TXT record to"},
		Kinds: map[string]string{
			"website": "Web site", "blog": "Blog", "social": "Social account", "messenger": "Messenger channel", "app": "App", "extension": "Browser extension", "cashback": "Cashback site",
			"dropshipping": "Dropshipping site", "subnetwork": "Subnetwork", "video": "Video channel", "email": "E-mail list", "other": "Something else",
		},
		States: map[string]string{"pending": "Waits for review", "question": "Asks for more", "approved": "Joined", "declined": "Declined"},
	}
}

func spacesTurkish() Spaces {
	return Spaces{
		Title: "Reklam alanları", Lead: "Ziyaretçilerinizin geldiği yerler. Bir reklam alanı doğrulanıp kabul edilince programa katılır; ardından onun için bağlantı oluşturabilirsiniz.",
		Empty: "Henüz reklam alanı yok", EmptyHint: "Sitenizi, kanalınızı ya da uygulamanızı aşağıya girin.", Space: "Reklam alanı", Spaces: "Reklam alanlarınız", URL: "Adres", Kind: "Türü", Name: "Adı", ID: "Kısa adı",
		IDHint: "Harf, rakam ve tire; raporlarda görünür ve değişmez.", Traffic: "Ziyaretçiyi nasıl getirdiği", Languages: "Diller", LanguagesHint: "Virgülle ayrılmış kodlar, örneğin en, tr",
		Description: "Konusu", TrackingIDs: "Takip kimlikleri", TrackingHint: "Virgülle ayırın; gerekmiyorsa boş bırakın.", Save: "Kaydet", Enter: "Reklam alanı ekle",
		Verified: "Doğrulandı", NotVerified: "Doğrulanmadı", Verify: "Doğrula", VerifyLead: "Size ait olduğunu üç yoldan biriyle gösterin, sonra burada denetletin.",
		Apply: "Başvur", ApplyHint: "Herkesi ya da sıralamanızdaki yayıncıları kabul eden program hemen yanıtlar; yoksa başvurunuzu bir kişi okur.",
		Applications: "Başvurular", NoApplications: "Henüz bir programa başvurmadınız.", Answer: "Yanıtla", Reviewer: "İnceleyen soruyor",
		Queue: "Başvurular", QueueLead: "Bir programa katılmak isteyen reklam alanları.", QueueEmpty: "Bekleyen yok", QueueHint: "Başvurular geldikçe burada görünür.",
		Decide: "Karar ver", Approve: "Kabul et", Decline: "Geri çevir", Ask: "Bilgi iste", Reason: "Geri çevirme nedeni", Note: "Yayıncıya not", NoteHint: "Yayıncı okur.", ChangedBy: "Karar veren", Applied: "Başvuru",
		Joined: "Programlar", Since: "Katılım", Blocked: "Engellendi", Check: "Trafik denetimi", CheckRuns: "şu zamana dek sürüyor:", CheckOver: "bitti:",
		CheckMeans: "Sürerken trafiğin söylediğiniz gibi olup olmadığına bakılır. Gözde ürünler yükseltilmiş oran yerine olağan oranı kazandırır, katılmayan mağazaların ürünleri bir şey kazandırmaz. Sonra tüm oranlar kendiliğinden geçerli olur.",
		Everything: "Hakkında her şey", Policy: "Trafik kuralı", Rank: "Yayıncı sıralaması", Unranked: "henüz yok", RankUpTo: "hemen kabul sınırı:",
		Profile: "Yayıncının kendisi hakkında söyledikleri", NoProfile: "Profil boş.", Audience: "Kitle", Sources: "Trafik kaynakları", Promotes: "Yöntemler", Earlier: "Bu yayıncının diğer başvuruları", NoEarlier: "Başka yok",
		Again: "Düzeltip yeniden başvurun", HeldBy: "Yayıncının çalıştığı türler:",
		SecondType: "Tek girişle birden çok trafik türü için önce onayımız gerekir.", Held: "Çalıştığınız:", Wanted: "Bu reklam alanı:",
		SecondText: "Aynı girişle bu trafik türünde de çalışmak istiyoruz:", OpenTicket: "Bunun için talep aç",
		Methods: map[string]string{"meta": "Sayfanın head bölümünde etiket", "file": "Dosya", "dns": "DNS kaydı"},
		Where:   map[string]string{"meta": "Şunu şu sayfanın head bölümüne koyun:", "file": "Şunu şu dosyaya koyun:", "dns": "Şu TXT kaydını şu ada ekleyin:"},
		Kinds: map[string]string{
			"website": "Web sitesi", "blog": "Blog sayfası", "social": "Sosyal medya hesabı", "messenger": "Mesajlaşma kanalı", "app": "Uygulama", "extension": "Tarayıcı eklentisi", "cashback": "Para iadesi sitesi",
			"dropshipping": "Stoksuz satış sitesi", "subnetwork": "Alt ağ", "video": "Video kanalı", "email": "E-posta listesi", "other": "Başka bir şey",
		},
		States: map[string]string{"pending": "İncelemeyi bekliyor", "question": "Bilgi bekliyor", "approved": "Katıldı", "declined": "Geri çevrildi"},
	}
}
