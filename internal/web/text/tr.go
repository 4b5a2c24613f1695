package text

func turkish() *Texts {
	number := func(n int64, word string) string { return (&Texts{Format: Format{Group: "."}}).Number(n) + " " + word }
	return &Texts{
		Lang: Turkish,
		Format: Format{
			Group: ".", Point: ",", Percent: "%#",
			Months:  [12]string{"Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"},
			Days:    func(n int64) string { return number(n, "gün") },
			Hours:   func(n int64) string { return number(n, "saat") },
			Minutes: func(n int64) string { return number(n, "dakika") },
		},
		Account: accountTurkish(),
		Shell: Shell{
			Skip: "İçeriğe geç", Menu: "Menü", Close: "Kapat", Main: "Ana menü", Motto: "Tıklamadan ödemeye, her kuruş kendini açıklar.",
			Search: "Ara", SearchHint: "Sipariş, tıklama, bağlantı, yayıncı, ödeme",
			Overview: "Genel bakış", Orders: "Siparişler", Publishers: "Yayıncılar", Programs: "Programlar", Payouts: "Ödemeler", Proof: "Günlük mutabakat",
			Dashboard: "Panel", Balance: "Bakiye", Transactions: "Hareketler", Statements: "Ekstreler",
			Links: "Bağlantılar", Stores: "Mağazalar", Cost: "Maliyet",
			Language: "Dil", Theme: "Renkler", ThemeSystem: "Sistem gibi", Light: "Açık", Dark: "Koyu",
			Apply: "Uygula", SignOut: "Çıkış", LookAs: "Başkası olarak bak", UTC: "Bütün saatler UTC'dir.", Breadcrumb: "Bulunduğunuz yer", Settings: "Görünüm",
		},
		Words: Words{
			Program: "Program", Publisher: "Yayıncı", State: "Durum", Order: "Sipariş", Item: "Kalem", Placed: "Verildi", Rule: "Kural", Commission: "Komisyon",
			Amount: "Tutar", Currency: "Para birimi", Account: "Hesap", From: "Nereden", To: "Nereye", Date: "Tarih", Why: "Neden", Note: "Not",
			All: "Hepsi", Show: "Göster", Clear: "Temizle", Filter: "Süz", Next: "Sonraki sayfa", First: "İlk sayfa", Nothing: "Henüz bir şey yok", Nobody: "kimse",
			Yes: "Evet", No: "Hayır", Total: "Toplam", Count: "Adet", Share: "Pay", Download: "İndir",
			AsOf:   func(at string) string { return at + " UTC itibarıyla" },
			Clicks: "Tıklamalar", Actions: "Eylemler", Steps: "Adım", Back: "Geri", Details: "Ayrıntılar", Table: "Rakamlar tablo olarak",
			Good: "Her şey yolunda", Bad: "Buna bakın",
		},
		States: map[string]string{
			"tracked": "İzleniyor", "pending": "Beklemede", "approved": "Onaylandı", "declined": "Reddedildi", "unattributed": "Sahipsiz",
		},
		StateMeaning: map[string]string{
			"tracked": "Sipariş henüz ödenmedi.", "pending": "Sipariş ödendi; teslim onayı ve bekleme süresi bekleniyor.", "approved": "Komisyon bakiyede.",
			"declined": "İptal, iade, süre aşımı veya sahtecilik: kazandırmaz.", "unattributed": "Hiçbir yayıncı kazanmadı.",
		},
		Reasons: map[string]string{
			"track": "İzlendi", "pend": "Sipariş ödendi", "adjust": "Tutar değişti", "approve": "Onaylandı", "decline": "Reddedildi", "reversal": "Onaydan sonra geri alındı",
			"antispam_deduction": "Antispam kesintisi", "bonus": "Prim", "reserve": "Ödeme için ayrıldı", "unreserve": "Ödemeden geri döndü", "release": "Bankaya gönderildi",
			"payout": "Ödendi", "reject": "Banka reddetti", "return": "Alıcının bankası iade etti", "funding": "Reklamveren ödedi", "repay": "Borç geri ödendi",
			"writeoff": "Borç silindi", "hold": "İnceleme nedeniyle tutuldu", "unhold": "İnceleme kapandı", "appeal": "İtiraz kabul edildi", "correction": "Düzeltme",
		},
		Accounts: map[string]string{
			"fund": "Reklamverenin fonu", "tracked": "İzleniyor", "pending": "Beklemede", "approved": "Onaylanan (geçiş)", "available": "Kullanılabilir", "hold": "İncelemede tutulan",
			"reserved": "Ayrılan", "clearing": "Bankada", "paid": "Ödenen", "clawback": "Yayıncıların borcu", "fees": "Ücretler", "bonus": "Primler", "bank": "Banka", "writeoff": "Silinen",
		},
		Events: map[string]string{
			"placed": "Verildi", "paid": "Alıcı ödedi", "completed": "Teslim onaylandı", "cancelled": "İptal edildi", "refunded": "İade edildi", "fraud": "Sahtecilik bildirildi",
		},
		Checks: map[string]string{
			"orders_postings": "Karar verilen, kaydedilenle aynı", "postings_balances": "Bakiyeler kayıtların toplamına eşit", "zero_sum": "Bütün hesapların toplamı sıfır",
			"limits": "Sıfırı geçmemesi gereken hiçbir hesap geçmiyor", "runs_postings": "Her ödeme geldiği aşama kadar kayıtlı",
			"runs_balances": "Ayrılan, bankadaki, ödenen ve ücretler ödeme listelerine uyuyor", "runs_files": "Banka dosyaları listelerin ödemelerini içeriyor", "clearing_age": "Hiçbir şey bankayı çok beklemiyor",
		},
		Roles: map[string]string{
			"owner": "Sahip", "member": "Üye", "reader": "Salt okunur", "reviewer": "İnceleyen", "finance": "Finans", "admin": "Yönetici",
		},
		Kinds: map[string]string{"publisher": "Yayıncı", "seller": "Satıcı", "operator": "İşletmeci"},
		Overview: Overview{
			Title: "Genel bakış", Funnel: "Tıklamadan onaya", Metrics: "Yayımlananların yanında ölçüler", Here: "Burada", Published: "Yayımlanan", Unit: "Birim",
			Steps: [5]string{"Geçerli tıklamalar", "Eylemler (bir yayıncının kazandığı kalemler)", "Ödenen veya onaylanan", "Onaylanan", "Reddedilen"},
			Unwon: "Kimsenin kazanmadığı kalemler", ShareOfClicks: "Tıklamalara oranı",
			EPC: "EPC", CR: "CR", CR48: "48 saatlik CR", Approval: "Onay oranı", Hold: "Ortalama bekleme", Payment: "Ortalama ödeme süresi",
			PerHundred: func(c string) string { return "100 tıklama başına kazanılan " + c },
			CRUnit:     "100 tıklama başına eylem", ApprovalUnit: "bütün eylemlerin", HoldUnit: "eylemden karara saat",
			WhyDiffers:      "Neden farklılar",
			EPCDiffers:      "İkisi de reddedilmeyen eylemlerin komisyonlarını sayar. Bizimki simüle edilen sepetten ve oran tablosundan gelir.",
			CRDiffers:       "İkisi de bilinen her şey üzerinden tıklama başına eylemdir.",
			ApprovalDiffers: "İkisi de bütün eylemler içinde onaylananlardır. Açık eylemler onaylanmamış sayılır; bekleme süreleri doldukça bizimki yükselir.",
			HoldDiffers:     "Yayımlanan sayfa hangi siparişler için olduğunu söylemeden 25 gün der. Bizimki, karar verilen her kalemde eylemden karara kadar ölçülür: siparişten günler sonra gelen teslim onayı ve program belgesindeki bekleme süresi.",
			CR48Differs:     "Yayımlanan rakam yalnızca son 48 saatin tıklama ve eylemlerini sayar. Verinin sonunda trafik durduğundan karşılaştırılacak böyle bir pencere yoktur; bu yüzden bizim rakamımız yazılmaz.",
			PaymentDiffers:  "Yayımlanan sayfa eylemden ödemeye 26 gün der.",
			Best:            "En çok kazanan yayıncılar", AllOrders: "Bütün siparişler", Trial: "Mizan", TrialNote: "Her türden hesapta duran: giren eksi çıkan.",
			AllAccounts: "Bütün hesaplar birlikte", Latest: "Son siparişler", Data: "Bu veriler hakkında", Earned: "Kazanılan", AllOrdersOf: "Bütün siparişler:",
			BooksAgree: "Defterler tutuyor", BooksDiffer: "Defterler tutmuyor",
			ProvedAt: func(at, n string) string { return at + " UTC tarihli günlük mutabakat, " + n + " hareket üzerinden" },
			SeeProof: "Mutabakatı gör", OpenMoney: "Yayıncılara borç", PaidOut: "Ödenen",
		},
		Orders: Orders{Title: "Siparişler", Lead: "Her kalem için bir satır, en yeni sipariş en üstte.", Empty: "Uyan sipariş yok", EmptyHint: "Bir süzgeci kaldırın veya ilk siparişi bekleyin."},
		Order: Order{
			Title:      func(o string) string { return "Sipariş " + o },
			Lead:       func(p, at string) string { return "Program " + p + ", " + at + " UTC itibarıyla" },
			Item:       func(i string) string { return "Kalem " + i },
			Considered: "Kimler değerlendirildi", NoTouch: "Bu ziyaretçinin bilinen bir tıklaması yok.", Why: "Neden bu kadar kazandırıyor",
			Others:   func(n int64) string { return "Başkalarına ait " + number(n, "temas da değerlendirildi.") },
			Earlier:  func(n int64) string { return number(n, "önceki karar") },
			Reported: "Ne bildirildi", Booked: "Ne kaydedildi", NoMoney: "Para hareketi yok.", Won: "kazandı", Effective: "Geçerlilik",
			EventItems: "kalemler", WholeOrder: "bütün sipariş", Refund: "iade edilen kalem", Happened: "Ne oldu",
		},
		Publisher: Publisher{
			Title: "Yayıncı", Lead: "Her rakam aşağıdaki kayıtların toplamıdır.", Balance: "Bakiye", Part: "Bölüm", Meaning: "Nedir", Journal: "Hareketler",
			Empty: "Henüz hareket yok", Orders: "Bu yayıncının siparişleri",
			Tracked: "İzleniyor", TrackedIs: "Sipariş henüz ödenmedi.",
			Pending: "Beklemede", PendingIs: "Sipariş ödendi; teslim onayı ve bekleme süresi bekleniyor.",
			Approved: "Bugüne kadar onaylanan", ApprovedIs: "Onaylanan bütün komisyonlar, geri alınanlar düşülmüş.",
			Available: "Kullanılabilir", AvailableIs: "Onaylandı, henüz ödenmedi.",
			Reserved: "Ayrılan", ReservedIs: "Bir ödeme listesine alındı.",
			Clearing: "Bankada", ClearingIs: "Gönderildi; banka henüz yanıt vermedi.",
			Paid: "Ödenen", PaidIs: "Bankadan yayıncıya çıktı.",
			Clawback: "Borç", ClawbackIs: "Para gittikten sonra gelen bir geri almadan.",
			Hold: "Tutulan", HoldIs: "Açık bir sahtecilik incelemesi nedeniyle.",
			Withdrawable: "Çekilebilir", WithdrawableIs: "Kullanılabilir eksi borç.",
		},
		Transactions: "Paranızın her hareketi, kaydedildiği sırayla.",
		Balance: Balance{
			Title: "Bakiye", Lead: "Her programdaki paranız, siparişten bankaya.", Empty: "Henüz para yok", EmptyHint: "Bağlantılarınızdan gelen ilk siparişle başlar.",
			Of:     func(p string) string { return p + " bakiyesi" },
			Bridge: "Tamamlanan siparişlerden bakiyeye", BridgeLead: "Tamamlanan siparişlerin komisyonu ile bakiye farklıdır: tamamlanan sipariş önce bekleme süresini doldurur, ödenen ise bakiyeden çıkmıştır.",
			Completed: "Tamamlanan siparişlerin komisyonu", Waiting: "Bekleme süresinin sonunu bekliyor", Approved: "Bugüne kadar onaylanan",
			Other: "Primler, ücretler, vergiler ve düzeltmeler", OtherIs: "Her biri Hareketler altında durur.", PaidOut: "Ödenen", AtBank: "Bankada", Reserved: "Ödeme için ayrılan", Held: "İncelemede tutulan", Owed: "Borç", Now: "Bakiye",
			When: "Kalanı ne zaman ödenebilir", WhenLead: "O zamana kadar siparişlere bir şey olmazsa.", ApprovedOn: "Onay günü", PayableFrom: "Ödenebilir", Items: "Kalem",
			OnRequest: "o günden sonra, istediğinizde", NotReceived: "Alıcı ödedi, teslim onaylanmadı", NotPaid: "Alıcı henüz ödemedi", NoDate: "henüz günü yok",
			AfterReceipt: func(h string) string { return "alıcı teslimi onayladıktan " + h + " sonra" },
			Lapses:       func(l string) string { return l + " içinde tamamlanmayan siparişler düşer." },
			Withdraw:     "Para çek", WithdrawLead: "Bakiyenin tamamı bir kerede, ödeme bilgilerinizdeki hesaba ödenir.", Automatic: "Bu program kendiliğinden öder.",
			NextRun: func(d string) string { return "Sonraki ödeme günü: " + d + "." },
			Gross:   "Bakiye", Fee: "Ücret", Tax: "Kesilen vergi", Net: "Elinize geçen", Method: "Ödeme yolu",
			Ask: "Şimdi çek", CannotNow: "Şu anda para çekemezsiniz", Asked: "Çekim isteğiniz bir ödeme listesinde", Changed: "Siz bakarken bakiyeniz değişti. Yeni rakam burada.",
			Payouts: "Ödemeler", NoPayouts: "Henüz ödeme yok", Run: "Ödeme listesi", Status: "Durum",
			Statuses: map[string]string{
				"reserved": "Ayrıldı", "excluded": "Geri kondu", "not_sent": "Gönderilmedi", "sent": "Bankada", "unknown": "Bankada", "paid": "Ödendi", "rejected": "Banka reddetti", "returned": "Geri geldi",
			},
			Methods: map[string]string{"bank_transfer": "Banka havalesi", "international_bank_transfer": "Uluslararası havale", "paypal": "PayPal"},
		},
		Statement: Statement{
			Title: "Ekstreler", Lead: "Her ay ve program için bir tane. Hareketler kaydedildikleri zamana göre sayılır; bu yüzden bir ekstre hiç değişmez.",
			Month: "Ay", HTML: "Web sayfası", PDF: "PDF", CSV: "CSV", Empty: "Henüz ekstre yok",
		},
		Runs: Runs{
			Title: "Ödemeler", Lead: "Bir listeyi bir kişi hazırlar, başka biri onaylar. Para ancak liste bırakıldığında hareket eder.", Empty: "Henüz ödeme listesi yok", Opened: "Açıldı", Net: "Ödenecek", Files: "Banka dosyaları",
			Run:   func(id string) string { return "Liste " + id },
			Start: "Liste başlat", StartNow: "Başlat", Way: "Hangi liste", Due: "Takvime göre günü gelen", Requested: "İsteyen yayıncılar", Manual: "Bugün ödenebilecek herkes",
			NotDue: "Bu programın günü gelmiş listesi yok. Yayıncıları parasını ister veya siz elle başlatırsınız.", NoPayer: "Hangi banka hesabından ödeneceği belirtilmemiş. Sunucuyu --payer-name ve --payer-iban ile başlatın.",
			Answers: "Bankanın yanıtları", File: "Dosya", FileHint: "camt.053, pain.002 veya CSV. İlk yanıt sayılmadan önce bütün dosya okunur.", TakeIn: "Al",
			NoFile: "Önce bankanın dosyasını seçin.", BadFile: "Dosya okunamıyor:", Strange: "Bunlar alınamadı. Bakın:",
			Answered: func(n, known int64) string { return number(n, "yeni yanıt") + ", " + number(known, "bilinen yanıt") },
			NextStep: "Sırada ne var", Done: "Ne yapıldı", Passed: "Kime, neden ödenmiyor",
			IsDraft: "Henüz bir şey ayrılmadı.", IsFrozen: "Kime ne ödeneceği belli ve ayrıldı. Banka dosyalarını hazırlayın.",
			IsBuilt: "Banka dosyaları hazır. Başka biri toplamları dosyadan veya bankanın ekranından okuyup buraya yazar.", IsApproved: "İki kişi onayladı. Listeyi bırakın, sonra dosyalarını bankaya gönderin.",
			IsReleased: func(n int64) string {
				if n == 0 {
					return "Banka her şeyi yanıtladı. Listeyi kapatın."
				}
				return "Dosyalar bankaya gidiyor. Yanıtlanmayan: " + number(n, "ödeme") + "."
			},
			IsClosed: "Banka her şeyi yanıtladı. Sonradan geri gelen ödemeler yine alınabilir.", IsCancelled: "Listeden vazgeçildi, para geri kondu.",
			Build: "Banka dosyalarını hazırla", Approve: "Onayla", Release: "Bırak", CloseRun: "Kapat", Cancel: "Listeden vazgeç", Reason: "Neden",
			Payments: "Ödeme sayısı", Total: "Ödemelerin toplamı", TotalHint: "Dosyanın veya bankanın gösterdiği gibi, örneğin 1234,50.",
			SamePerson: "Bu listeyi siz hazırladınız. Başka biri onaylamalı.", WrongTotals: "Yazılan toplamlar listenin toplamları değil. Yeniden okuyun.", WrongState: "Liste artık bu adımda değil. Bulunduğu yer burada.", NoReason: "Neden vazgeçildiğini yazın.",
			States: map[string]string{"draft": "Taslak", "frozen": "Donduruldu", "built": "Hazırlandı", "approved": "Onaylandı", "released": "Bırakıldı", "closed": "Kapandı", "cancelled": "Vazgeçildi"},
		},
		Dashboard: Dashboard{
			Earned: "Kazanılan", Nothing: "Bu günlerde bir şey yok.", SeeBalance: "Bütün bakiye",
			Last: func(n int64) string {
				return "Bugün dahil son " + number(n, "gün. Reddedilen komisyonlar sayılmaz.")
			},
		},
		Proof: Proof{
			Title: "Günlük mutabakat", Lead: "Siparişler, kayıtlar, bakiyeler, ödemeler ve banka dosyaları verinin tek bir anında okunur ve birbiriyle karşılaştırılır.",
			Check: "Karşılaştırma", Compared: "Karşılaştırılan rakam", Differences: "Fark", Again: "Şimdi yeniden karşılaştır",
			AllEqual: "Her şey kuruşu kuruşuna tutuyor.", NotEqual: "Bu rakamlar eşit olmalı ama değil:",
		},
		SignIn: SignIn{
			Title: "Kimin gözünden bakmak istersiniz?", Lead: "Bu bir demo: kimsenin parolaya ihtiyacı yok. Bir kişi seçin ve konsolu onun gördüğü gibi görün. İstediğiniz zaman değiştirebilirsiniz.",
			Look: "Şu kişi olarak bak:", Needed: "Bu sayfayı görmek için giriş yapın.",
		},
		Failure: Failure{
			Title: "Bu olmadı", Internal: "Burada bir şeyler ters gitti. Not edildi.", Missing: "Bu adreste bir şey yok veya görmeye yetkiniz yok.",
			Forbidden: "Rolünüz bu sayfayı göremez.", Address: "Adres anlaşılamadı.", Home: "İlk sayfanıza",
			Request: func(why string) string { return "Bu yapılamadı: " + why },
		},
	}
}
