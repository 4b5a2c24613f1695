package text

// Tools are the pages around links: what publishers make, check and are told with.
type Tools struct {
	Tabs, File, BadFile, Line, Result string
	Cut                               func(shown, all int64) string
	Keywords                          Keywords
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
