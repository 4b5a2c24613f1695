package text

// Tools are the pages around links: what publishers make, check and are told with.
type Tools struct {
	Tabs, File, BadFile, Line, Result string
	Cut                               func(shown, all int64) string
	Keywords                          Keywords
	Audits                            Audits
}

// Audits are the pages of audits and of links whose targets are gone.
type Audits struct {
	Title, Lead, AllLinks, PagesOf, Never, Daily, Weekly, Every, Save, Now, Last, Next, NotYet, See, History, Empty, EmptyHint string
	Audit, What, Pages, Findings_, New, Gone, Finding, OnPage, Detail, Clean, NotLooked                                        string
	Changes, ChangesLead, NoChanges, NoChangesHint, Instead, Sweeps                                                            string
	News                                                                                                                       func(what string, n int64) string
	Found                                                                                                                      func(n int64) string
	Looked, Swept                                                                                                              func(a, b int64) string
	Findings, Notes, Causes                                                                                                    map[string]string
}

// Keywords is the page of banned keywords.
type Keywords struct {
	Title, Lead, Check, CheckCSV, As, AsText, AsList, Text, TextHint, FileHint, None, NoneHint string
	Found, Keyword, TextGood, Negative, Goes, Stays                                            string
	Since                                                                                      func(version, day string) string
	ListGood, TextBad                                                                          func(n int64) string
	ListBad                                                                                    func(bad, all int64) string
	At                                                                                         func(line, column string) string
	How                                                                                        map[string]string
}

func toolsEnglish() Tools {
	t := &Texts{Format: Format{Group: ","}}
	return Tools{
		Tabs: "Pages around links", File: "Or a file", BadFile: "The file cannot be read: save it as UTF-8 text.", Line: "Line", Result: "Result",
		Cut: func(shown, all int64) string {
			return "The first " + t.Number(shown) + " of " + t.Number(all) + " are shown; the table has all."
		},
		Audits: Audits{
			Title: "Audits", Lead: "Have your live links and the pages of your verified ad spaces looked at: dead pages, products that earn nothing, links without tracking, missing disclosures.",
			AllLinks: "All live links", PagesOf: "Pages of", Never: "Only when I ask", Daily: "Every day", Weekly: "Every week", Every: "How often", Save: "Save", Now: "Look now", Last: "Last look", Next: "Next look",
			NotYet: "Not looked at yet", See: "See what was found", History: "All looks", Empty: "Nothing was looked at yet", EmptyHint: "Press \u201cLook now\u201d; a look takes some minutes, as no site is asked more than once a second.",
			Audit: "Look", What: "What", Pages: "Pages", Findings_: "Findings", New: "New", Gone: "Settled", Finding: "Finding", OnPage: "On the page", Detail: "What was seen", Clean: "Nothing was found.", NotLooked: "What was not looked at",
			Changes: "Dead links", ChangesLead: "Targets of links are looked at once a day. A link becomes dead when its page was gone (404 or 410) three times, six hours apart; trouble of a server never counts. It lives again when the page is back.",
			NoChanges: "No link was changed", NoChangesHint: "Links appear here when their targets are gone or their sellers leave.", Instead: "Leads instead to", Sweeps: "The last rounds",
			News:  func(what string, n int64) string { return what + ": " + plural(n, "new finding", "new findings") },
			Found: func(n int64) string { return plural(n, "finding", "findings") },
			Looked: func(links, pages int64) string {
				return plural(links, "link", "links") + " and " + plural(pages, "page", "pages") + " were looked at."
			},
			Swept: func(links, changes int64) string {
				return plural(links, "link", "links") + ", " + plural(changes, "change", "changes")
			},
			Findings: map[string]string{
				"dead_target": "The page that it leads to is gone.", "target_unreachable": "The page that it leads to could not be seen now; that may be over soon.", "target_leads_away": "It leads on to a host that is not the program's.",
				"page_untracked": "A page of the program is linked without tracking: that earns nothing. Make a link for it.", "no_disclosure": "The page has affiliate links and says nowhere that they are.", "page_failed": "The page cannot be read.",
				"page_robots": "The site's robots.txt keeps us out.",
			},
			Notes: map[string]string{
				"no_prices": "Changes of prices: the catalogue holds none.", "more_links": "There are more live links than one look takes; the newest were looked at.", "more_pages": "There are more pages than one look takes.",
				"targets_later": "Some targets were left for the next look.", "more_findings": "There are more findings than are kept.", "pages_failed": "Some pages could not be read.", "pages_robots": "Some pages were left out because of robots.txt.",
				"sweep_finished": "The round came to the last link.",
			},
			Causes: map[string]string{"target_gone": "Its page is gone", "seller_left": "The seller takes no part any more", "target_back": "Its page is there again", "seller_back": "The seller takes part again"},
		},
		Keywords: Keywords{
			Title: "Banned keywords", Lead: "What a program forbids in ads, and as words that ads are shown for. Check your texts and lists before you book.",
			Check: "Check", CheckCSV: "Check a list, result as CSV", As: "What it is", AsText: "The text of an ad", AsList: "A list of keywords, one a line",
			Text: "Text or list", TextHint: "Capitals, accents, dotted and dotless i, look-alike letters and spacing make no difference.",
			FileHint: "Plain text or CSV with one keyword a line; it is taken in place of the text.", None: "No banned keywords", NoneHint: "This program forbids none. Its other restrictions still hold.",
			Found: "What was found", Keyword: "Keyword", TextGood: "No banned keyword stands in the text.", Negative: "Negative keyword: right so", Goes: "Must go", Stays: "May stay",
			Since: func(version, day string) string {
				return "Version " + version + " of the program, in force since " + day + "."
			},
			ListGood: func(n int64) string { return "All of " + plural(n, "line", "lines") + " may stay." },
			ListBad: func(bad, all int64) string {
				return t.Number(bad) + " of " + plural(all, "line", "lines") + " must go."
			},
			TextBad: func(n int64) string { return "Found: " + plural(n, "banned keyword", "banned keywords") + "." },
			At:      func(line, column string) string { return "in line " + line + ", character " + column },
			How:     map[string]string{"word": "as it stands", "spacing": "with other spacing", "part": "inside a longer word: look whether it is meant"},
		},
	}
}

func toolsTurkish() Tools {
	t := &Texts{Format: Format{Group: "."}}
	return Tools{
		Tabs: "Bağlantı sayfaları", File: "Ya da bir dosya", BadFile: "Dosya okunamıyor: UTF-8 metin olarak kaydedin.", Line: "Satır", Result: "Sonuç",
		Cut: func(shown, all int64) string {
			return t.Number(all) + " satırın ilk " + t.Number(shown) + " tanesi gösteriliyor; tabloda hepsi var."
		},
		Audits: Audits{
			Title: "Denetimler", Lead: "Canlı bağlantılarınıza ve doğrulanmış reklam alanlarınızın sayfalarına baktırın: kaybolan sayfalar, kazandırmayan ürünler, takipsiz bağlantılar, eksik bilgilendirmeler.",
			AllLinks: "Tüm canlı bağlantılar", PagesOf: "Sayfaları:", Never: "Yalnızca istediğimde", Daily: "Her gün", Weekly: "Her hafta", Every: "Ne sıklıkta", Save: "Kaydet", Now: "Şimdi bak", Last: "Son bakış", Next: "Sonraki bakış",
			NotYet: "Henüz bakılmadı", See: "Bulunanları gör", History: "Tüm bakışlar", Empty: "Henüz hiçbir şeye bakılmadı", EmptyHint: "\u201cŞimdi bak\u201d düğmesine basın; hiçbir siteye saniyede birden çok sorulmadığı için birkaç dakika sürer.",
			Audit: "Bakış", What: "Ne", Pages: "Sayfa", Findings_: "Bulgular", New: "Yeni", Gone: "Giderilen", Finding: "Bulgu", OnPage: "Bulunduğu sayfa", Detail: "Görülen", Clean: "Hiçbir şey bulunmadı.", NotLooked: "Bakılmayanlar",
			Changes: "Ölü bağlantılar", ChangesLead: "Bağlantıların hedeflerine günde bir bakılır. Sayfası altışar saat arayla üç kez bulunamayan (404 ya da 410) bağlantı ölü sayılır; sunucu arızası hiç sayılmaz. Sayfa dönünce bağlantı yeniden canlanır.",
			NoChanges: "Hiçbir bağlantı değişmedi", NoChangesHint: "Hedefi kaybolan ya da satıcısı ayrılan bağlantılar burada görünür.", Instead: "Yerine götürdüğü", Sweeps: "Son turlar",
			News:  func(what string, n int64) string { return what + ": " + t.Number(n) + " yeni bulgu" },
			Found: func(n int64) string { return t.Number(n) + " bulgu" },
			Looked: func(links, pages int64) string {
				return t.Number(links) + " bağlantıya ve " + t.Number(pages) + " sayfaya bakıldı."
			},
			Swept: func(links, changes int64) string {
				return t.Number(links) + " bağlantı, " + t.Number(changes) + " değişiklik"
			},
			Findings: map[string]string{
				"dead_target": "Götürdüğü sayfa artık yok.", "target_unreachable": "Götürdüğü sayfa şu an görülemedi; kısa sürede düzelebilir.", "target_leads_away": "Programa ait olmayan bir siteye götürüyor.",
				"page_untracked": "Programın bir sayfasına takipsiz bağlantı verilmiş: kazandırmaz. Onun için bağlantı oluşturun.", "no_disclosure": "Sayfada satış ortaklığı bağlantıları var ama bunu hiçbir yerde söylemiyor.", "page_failed": "Sayfa okunamıyor.",
				"page_robots": "Sitenin robots.txt dosyası bizi dışarıda bırakıyor.",
			},
			Notes: map[string]string{
				"no_prices": "Fiyat değişiklikleri: katalogda fiyat yok.", "more_links": "Bir bakışa sığmayacak kadar çok bağlantı var; en yenilerine bakıldı.", "more_pages": "Bir bakışa sığmayacak kadar çok sayfa var.",
				"targets_later": "Bazı hedefler sonraki bakışa kaldı.", "more_findings": "Saklanandan çok bulgu var.", "pages_failed": "Bazı sayfalar okunamadı.", "pages_robots": "Bazı sayfalar robots.txt nedeniyle atlandı.",
				"sweep_finished": "Tur son bağlantıya ulaştı.",
			},
			Causes: map[string]string{"target_gone": "Sayfası artık yok", "seller_left": "Satıcı artık katılmıyor", "target_back": "Sayfası geri geldi", "seller_back": "Satıcı yeniden katılıyor"},
		},
		Keywords: Keywords{
			Title: "Yasak anahtar kelimeler", Lead: "Programın reklamlarda ve reklamın gösterildiği kelimelerde yasakladıkları. Metin ve listelerinizi yayından önce denetleyin.",
			Check: "Denetle", CheckCSV: "Listeyi denetle, sonucu CSV al", As: "Ne olduğu", AsText: "Reklam metni", AsList: "Anahtar kelime listesi, her satırda bir tane",
			Text: "Metin ya da liste", TextHint: "Büyük küçük harf, aksan, noktalı ve noktasız i, benzer harfler ve boşluklar fark etmez.",
			FileHint: "Her satırında bir kelime olan düz metin ya da CSV; metnin yerine alınır.", None: "Yasak anahtar kelime yok", NoneHint: "Bu program kelime yasaklamıyor. Diğer kısıtlamaları geçerlidir.",
			Found: "Bulunanlar", Keyword: "Anahtar kelime", TextGood: "Metinde yasak anahtar kelime yok.", Negative: "Negatif kelime: doğru", Goes: "Çıkarılmalı", Stays: "Kalabilir",
			Since: func(version, day string) string {
				return "Programın " + version + ". sürümü, " + day + " tarihinden beri geçerli."
			},
			ListGood: func(n int64) string { return t.Number(n) + " satırın tümü kalabilir." },
			ListBad: func(bad, all int64) string {
				return t.Number(all) + " satırdan " + t.Number(bad) + " tanesi çıkarılmalı."
			},
			TextBad: func(n int64) string { return t.Number(n) + " yasak anahtar kelime bulundu." },
			At:      func(line, column string) string { return line + ". satır, " + column + ". karakter" },
			How:     map[string]string{"word": "olduğu gibi", "spacing": "farklı boşlukla", "part": "daha uzun bir kelimenin içinde: kastedilen bu mu, bakın"},
		},
	}
}
