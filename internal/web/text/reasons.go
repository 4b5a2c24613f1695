package text

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Reason is why something that was entered was refused, in this language. Use cases give their reasons in English, which is what callers
// of the API read; the words in other languages are found by the English ones. A reason without words stays as it is.
func (t *Texts) Reason(english string) string {
	english = strings.TrimSuffix(strings.TrimSuffix(english, ": conflict"), ": not found")
	book := t.reasons()
	lines := strings.Split(english, "\n") // several reasons stand one below the other
	for i, line := range lines {
		lines[i] = book.translate(line)
	}
	return strings.Join(lines, "\n")
}

// reasons are the words of reasons by their English formats, and the formats, those that say most first.
type reasons struct {
	words   map[string]string
	formats []format
}

// format is what a reason was made of.
type format struct {
	english string
	fixed   string // the longest text between its values: what does not hold it was not made of it
	whole   *regexp.Regexp
}

// verbs are what stands for a value in a format.
const verbs = `%(?:\.\d+)?[qdsvwU]|%%`

func newReasons(words map[string]string) *reasons {
	verb := regexp.MustCompile(verbs)
	b := &reasons{words: words}
	said := make(map[string]int)
	for english := range words {
		f := format{english: english, whole: pattern(verb, english)}
		for _, part := range verb.Split(english, -1) {
			said[english] += len(part)
			if len(part) > len(f.fixed) {
				f.fixed = part
			}
		}
		b.formats = append(b.formats, f)
	}
	slices.SortFunc(b.formats, func(x, y format) int {
		return cmp.Or(cmp.Compare(said[y.english], said[x.english]), cmp.Compare(x.english, y.english))
	})
	return b
}

// pattern matches what a format may have become, with a group for each value.
func pattern(verb *regexp.Regexp, english string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?s)^")
	end := 0
	for _, at := range verb.FindAllStringIndex(english, -1) {
		b.WriteString(regexp.QuoteMeta(english[end:at[0]]))
		switch english[at[1]-1] {
		case 'q':
			b.WriteString(`("(?:[^"\\]|\\.)*")`)
		case 'd':
			b.WriteString(`(-?\d+)`)
		case '%':
			b.WriteString("%")
		default:
			b.WriteString("(.*?)")
		}
		end = at[1]
	}
	b.WriteString(regexp.QuoteMeta(english[end:]) + "$")
	return regexp.MustCompile(b.String())
}

// translate finds the words of a reason. Values may be reasons themselves, and so may what follows the name of a field.
func (b *reasons) translate(sentence string) string {
	if words, ok := b.words[sentence]; ok {
		return words
	}
	for _, f := range b.formats {
		if !strings.Contains(sentence, f.fixed) {
			continue
		}
		found := f.whole.FindStringSubmatch(sentence)
		if found == nil {
			continue
		}
		pairs := make([]string, 0, 2*len(found))
		for i, v := range found[1:] {
			pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", b.value(v))
		}
		return strings.NewReplacer(pairs...).Replace(b.words[f.english])
	}
	for _, between := range []string{": ", " "} {
		if field, rest, ok := strings.Cut(sentence, between); ok && field != "" && !strings.Contains(field, " ") {
			if words := b.translate(rest); words != rest {
				return field + ": " + words
			}
		}
	}
	return sentence
}

// value is a value of a reason: a sentence has words of its own.
func (b *reasons) value(v string) string {
	if !strings.Contains(v, " ") || strings.HasPrefix(v, `"`) {
		return v
	}
	return b.translate(v)
}

// reasonsTurkish are the Turkish words of reasons by their English formats: {1} is the first value of the format, and so on.
func reasonsTurkish() map[string]string {
	return map[string]string{
		// What many forms say.
		"name a time, or in after the last message that you have, and not both": "bir zaman yazın ya da after alanına elinizdeki son iletiyi yazın; ikisini birden değil",
		"no message of this endpoint has this id; deliveries lists them":        "bu uç noktanın bu kimlikte iletisi yok; deliveries hepsini listeler",
		"it is missing":                                                                                 "eksik",
		"it is empty: write something":                                                                  "boş: bir şey yazın",
		"it has %d characters, and %d are the most":                                                     "{1} karakter var, en çok {2} olabilir",
		"it has %d characters, and 2,000 are the most":                                                  "{1} karakter var, en çok 2.000 olabilir",
		"it has %d characters, and 5,000 are the most":                                                  "{1} karakter var, en çok 5.000 olabilir",
		"it has more than 2,000 characters: say it shorter":                                             "2.000 karakterden uzun: daha kısa yazın",
		"it holds characters that cannot be shown: write plain text":                                    "gösterilemeyen karakterler var: düz metin yazın",
		"it has characters that cannot be kept: write it anew":                                          "saklanamayan karakterler var: yeniden yazın",
		"%.40q is none: one of %s":                                                                      "{1} bunlardan biri değil: {2}",
		"%.40q is none: one of %v":                                                                      "{1} bunlardan biri değil: {2}",
		"%.70q is none: use up to 64 letters, digits, dots, hyphens and underscores":                    "{1} olmaz: en çok 64 harf, rakam, nokta, tire ve alt çizgi kullanın",
		"%.70q is none: use up to 64 letters, digits, dots, hyphens and underscores, such as my-blog":   "{1} olmaz: en çok 64 harf, rakam, nokta, tire ve alt çizgi kullanın; örneğin blogum",
		"%.70q is none: use up to 64 letters, digits, dots, hyphens and underscores, such as site-17":   "{1} olmaz: en çok 64 harf, rakam, nokta, tire ve alt çizgi kullanın; örneğin site-17",
		"%.70q is none: use up to 64 small letters, digits and hyphens, such as tracker":                "{1} olmaz: en çok 64 küçük harf, rakam ve tire kullanın; örneğin takip",
		"%.80q is no public address: it begins with https:// and a host, such as https://blog.example/": "{1} herkese açık bir adres değil: https:// ve bir alan adıyla başlar, örneğin https://blog.example/",
		"%.80q is no e-mail address, such as ida@example.org":                                           "{1} bir e-posta adresi değil; örneğin ida@example.org",
		"%.10q is no country code of ISO 3166-1, such as TR":                                            "{1} ISO 3166-1 ülke kodu değil; örneğin TR",
		"%.10q is no language code of ISO 639-1, such as tr":                                            "{1} ISO 639-1 dil kodu değil; örneğin tr",
		"a day is written 2026-03-10":                                                                   "bir gün 2026-03-10 biçiminde yazılır",
		"%.40q is no day, such as 2026-03-10":                                                           "{1} bir gün değil; örneğin 2026-03-10",
		"%.40q is no percentage, such as 7.5":                                                           "{1} bir yüzde değil; örneğin 7.5",
		"%q is not a %s; it is one of %s":                                                               "{1} bunlardan biri değil: {3}",
		"name one at least, such as en":                                                                 "en az birini yazın, örneğin tr",
		"name one at least: %s":                                                                         "en az birini seçin: {1}",
		"there is no program %.70q":                                                                     "{1} adında bir program yok",
		"there is no publisher %.70q":                                                                   "{1} adında bir yayıncı yok",
		"there is no seller's organisation %.70q":                                                       "{1} adında bir satıcı kuruluşu yok",

		// Ad spaces, applications and profiles.
		"give a name of up to 200 characters that reviewers know the ad space by": "inceleyenlerin reklam alanını tanıyacağı, en çok 200 karakterlik bir ad verin",
		"it is missing: say how the ad space brings visitors":                     "eksik: reklam alanının ziyaretçi getirme yolunu seçin",
		"it was changed while it was verified: try again":                         "doğrulanırken değişti: yeniden deneyin",
		"it is not verified yet: show first that %s is yours":                     "henüz doğrulanmadı: önce {1} adresinin size ait olduğunu gösterin",
		"you work with the traffic type %s, and one login may have %s beside it only after support agrees: open a ticket of kind traffic_types for it": "{1} trafik türüyle çalışıyorsunuz; aynı hesapta {2} ancak destek onaylarsa olabilir: bunun için bir talep açın",
		"%.40q is none of the program's: one of %s":                                       "{1} programın nedenlerinden değil: {2}",
		"ask the publisher something":                                                     "yayıncıya bir soru yazın",
		"%.20q is none: write approved, declined or question":                             "{1} olmaz: approved, declined ya da question yazın",
		"it is missing: decisions have a name":                                            "eksik: her kararın bir sahibi olur",
		"the program forbids the ad space's traffic type %s":                              "program, reklam alanının trafik türü olan {1} türünü yasaklıyor",
		"answer with up to 5,000 characters":                                              "en çok 5.000 karakterle yanıtlayın",
		"application %d is %s and waits for nobody":                                       "{1} numaralı başvurunun durumu {2}; kimseyi beklemiyor",
		"application %d is %s, and nothing was asked":                                     "{1} numaralı başvurunun durumu {2}; bir soru sorulmadı",
		"say whom you reach, such as: students in Turkey who look for phones":             "kimlere ulaştığınızı yazın; örneğin: Türkiye'de telefon arayan öğrenciler",
		"say where your visitors come from, such as: search engines and a newsletter":     "ziyaretçilerinizin nereden geldiğini yazın; örneğin: arama motorları ve bir bülten",
		"it cannot be read":                                                               "okunamıyor",
		"the page %s has no tag <meta name=%q content=%q> in its head":                    "{1} sayfasının head bölümünde <meta name={2} content={3}> etiketi yok",
		"the file %s does not hold %s and nothing else":                                   "{1} dosyasında yalnızca {2} yazmıyor",
		"the TXT records of %s cannot be looked up: %v":                                   "{1} alan adının TXT kayıtlarına bakılamıyor: {2}",
		"%s has no TXT record %s=%s; a new record may take an hour to be seen":            "{1} alan adında {2}={3} TXT kaydı yok; yeni bir kaydın görünmesi bir saat sürebilir",
		"%.20q is none: write meta, file or dns":                                          "{1} olmaz: meta, file ya da dns yazın",
		"%s cannot be fetched: %v":                                                        "{1} alınamıyor: {2}",
		"%s leads to the host %s: describe the ad space by the address that it has there": "{1} adresi {2} alan adına götürüyor: reklam alanını oradaki adresiyle tanımlayın",

		// Sub-publishers.
		"give a name of up to 200 characters":                                                          "en çok 200 karakterlik bir ad verin",
		"it is missing: say how the sub-publisher brings visitors":                                     "eksik: alt yayıncının ziyaretçi getirme yolunu seçin",
		"%.70q is no ad space of the traffic type subnetwork that joined a program: name one that did": "{1}, bir programa katılmış “alt ağ” türünde bir reklam alanı değil: katılmış olan birini seçin",
		"%.70q is an ad space of your own: take another id":                                            "{1} kendi reklam alanınız: başka bir kimlik seçin",
		"the sub-publisher works under %.70q: what it sold stays there, so enter it under another id":  "alt yayıncı {1} altında çalışıyor: sattıkları orada kalır, bu yüzden başka bir kimlikle girin",
		"say why, in up to 2,000 characters: the subnetwork reads it":                                  "nedenini en çok 2.000 karakterle yazın: alt ağ bunu okur",
		"it is missing: blocks have a name":                                                            "eksik: her engellemenin bir sahibi olur",
		"sub-publisher %q is blocked already":                                                          "{1} alt yayıncısı zaten engelli",
		"sub-publisher %q is not blocked":                                                              "{1} alt yayıncısı engelli değil",

		// Links.
		"there is no program %q, or none in force: take the id of one that you joined": "{1} adında yürürlükte bir program yok: katıldığınız bir programın kimliğini yazın",
		"the publisher has several ad spaces in the program: name one":                 "programda birkaç reklam alanınız var: birini seçin",
		"the publisher has no ad space in the program: apply with one first":           "programda reklam alanınız yok: önce biriyle başvurun",
		"%q is blocked in the program since %s":                                        "{1}, {2} tarihinden beri programda engelli",
		"%q has not joined the program: links are made for ad spaces that have":        "{1} programa katılmadı: bağlantılar yalnızca katılmış reklam alanları için yapılır",
		"%q is none of the ad space's: it has %s":                                      "{1} reklam alanının takip kimliklerinden değil; onlar: {2}",
		"its landing site cannot be linked to: %v":                                     "sitesine bağlantı verilemiyor: {1}",
		"%q is none: write live, dead, revoked or blocked":                             "{1} olmaz: live, dead, revoked ya da blocked yazın",
		"the link is %s; a publisher revokes links and revives those that it revoked":  "bağlantının durumu {1}; yayıncı bağlantıları geri çeker ve geri çektiklerini yeniden açar",
		"there are %d, and one call makes %d at most: split them, or import a file":    "{1} tane var, bir seferde en çok {2} yapılır: bölün ya da bir dosya yükleyin",
		"%.20q is none: write daily or weekly, or leave it empty":                      "{1} olmaz: daily ya da weekly yazın ya da boş bırakın",
		"one call checks 1,000 at most: split them":                                    "bir seferde en çok 1.000 bağlantı denetlenir: bölün",
		"it is no CSV: %v": "bu bir CSV değil: {1}",
		"it has no lines: write a heading with %s, and a line for each":                                      "satırı yok: {1} sütunlarını adlandıran bir başlık ve her biri için bir satır yazın",
		"it has more than %d lines: split it":                                                                "{1} satırdan fazla: bölün",
		"%.40q is no column: there are %s":                                                                   "{1} diye bir sütun yok; olanlar: {2}",
		"the column %q is there twice":                                                                       "{1} sütunu iki kez var",
		"it has no column %s":                                                                                "{1} sütunu yok",
		"it is not UTF-8 text: save the table as “CSV UTF-8”":                                                "UTF-8 metin değil: tabloyu “CSV UTF-8” olarak kaydedin",
		"the line has %d cells and the first one %d: put cells with commas in quotes":                        "satırda {1} hücre var, ilkinde {2}: virgül içeren hücreleri tırnağa alın",
		"the line has neither an address nor a kind: give the address of the page, or what it is and its id": "satırda ne adres ne de tür var: sayfanın adresini ya da ne olduğunu ve kimliğini yazın",
		"the address %q leads to a host that is not the program's; its hosts are %s":                         "{1} adresi programın olmayan bir alan adına götürüyor; programın alan adları: {2}",
		"the address %q is refused: %s":                                                                      "{1} adresi kabul edilmedi: {2}",
		"it is empty; give the full address of a page, such as https://shop.example/item/1":                  "boş; sayfanın tam adresini yazın, örneğin https://shop.example/item/1",
		"it is longer than %d bytes; leave out parameters that the page does not need":                       "{1} bayttan uzun; sayfanın gerektirmediği parametreleri çıkarın",
		"it holds white space or a control character; remove it, or write a space as %20":                    "boşluk ya da denetim karakteri içeriyor; çıkarın ya da boşluğu %20 olarak yazın",
		"it holds a backslash; write / in the path and %5C elsewhere":                                        "ters eğik çizgi içeriyor; yolda / ve başka yerde %5C yazın",
		"it is not valid UTF-8; escape such bytes with %":                                                    "geçerli UTF-8 değil; bu baytları % ile yazın",
		"it does not begin with https:// or http://":                                                         "https:// ya da http:// ile başlamıyor",
		"the scheme must be followed by exactly two slashes and the host":                                    "şemadan sonra tam iki eğik çizgi ve alan adı gelmeli",
		"it has a user name or an @ before the path; remove it":                                              "yoldan önce bir kullanıcı adı ya da @ var; çıkarın",
		"there is no host": "alan adı yok",
		"the host is not a name of letters, digits and hyphens":                           "alan adı harf, rakam ve tirelerden oluşmuyor",
		"the host has letters that are not ASCII; write it in its xn-- form":              "alan adında ASCII olmayan harfler var; xn-- biçiminde yazın",
		"the host is an IP address; use the site's name":                                  "alan adı bir IP adresi; sitenin adını yazın",
		"it names a port; only the scheme's own port is allowed, and need not be written": "bir bağlantı noktası yazılmış; yalnızca şemanınki olabilir, onu da yazmak gerekmez",
		"the host is not the program's":                                                   "alan adı programın değil",
		"a % is not followed by two hexadecimal digits; write a plain % as %25":           "bir % işaretinden sonra iki onaltılık basamak yok; düz % işaretini %25 olarak yazın",
		"the path has a . or .. segment; write the path that it leads to":                 "yolda . ya da .. bölümü var; götürdüğü yolu yazın",
		"its query has the parameter that carries the click token; remove it":             "sorgusunda tıklama belirtecini taşıyan parametre var; çıkarın",
		"it cannot be used":           "kullanılamaz",
		"browsers cannot read it: %w": "tarayıcılar bunu okuyamaz: {1}",
		"browsers would go to %q: %w": "tarayıcılar {1} adresine giderdi: {2}",
		"target.url: %w":              "{1}",
		"target.kind: there is none; it is home, product, hot, store, category, search, campaign, coupon or page": "tür eksik: home, product, hot, store, category, search, campaign, coupon ya da page",
		"target.%s: a target of kind %s must have it":                                                             "{1}: {2} türünde bir hedef için gerekli",
		"target.%s: %s":                   "{1}: {2}",
		"it has %d bytes; %d is the most": "{1} bayt var, en çok {2} olabilir",
		"it is not valid UTF-8":           "geçerli UTF-8 değil",
		"it holds the character %U, which cannot be seen; remove it": "görünmeyen {1} karakterini içeriyor; çıkarın",
		"it has %d lines, and 20,000 are the most: split it":         "{1} satır var, en çok 20.000 olabilir: bölün",
		"it has %d bytes, and 200,000 are the most: split it":        "{1} bayt var, en çok 200.000 olabilir: bölün",
		"it is not UTF-8: save the file as UTF-8":                    "UTF-8 değil: dosyayı UTF-8 olarak kaydedin",

		// Postbacks and webhooks.
		"there is an endpoint of this name already: use another one":          "bu adda bir uç nokta zaten var: başka bir ad verin",
		"it must be an https address with a host and without a user":          "alan adı olan, kullanıcısı olmayan bir https adresi olmalı",
		"%.20q is none: write postback or webhook":                            "{1} olmaz: postback ya da webhook yazın",
		"%.20q is none: write on or off":                                      "{1} olmaz: on ya da off yazın",
		"a postback has no secret":                                            "bir postback'in gizli anahtarı olmaz",
		"the endpoint is %s: turn it on first":                                "uç noktanın durumu {1}: önce açın",
		"it must begin with https://":                                         "https:// ile başlamalı",
		"a } has no { before it; write %%7D for a brace":                      "bir } işaretinden önce { yok; süslü ayraç için %7D yazın",
		"a { has no } behind it; write %%7B for a brace":                      "bir { işaretinden sonra } yok; süslü ayraç için %7B yazın",
		"there is no macro {%.40s}: there are {%s}":                           "{{1}} makrosu yok; olanlar: {{2}}",
		"macros may stand behind the host only: write https://host/ first":    "makrolar yalnızca alan adından sonra gelebilir: önce https://alan-adı/ yazın",
		"it is no address: https://, a host, a path, no user and no fragment": "bu bir adres değil: https://, bir alan adı ve bir yol; kullanıcı ve # bölümü olmadan",
		"a postback stays one, and so does a webhook: enter another endpoint": "postback postback kalır, webhook da webhook: başka bir uç nokta girin",
		"an endpoint can be turned on or off":                                 "bir uç nokta açılabilir ya da kapatılabilir",

		// Stores.
		"it is missing: changes of a store have a name":                              "eksik: bir mağazadaki her değişikliğin bir sahibi olur",
		"one campaign has 10,000 products at most; the whole store needs none named": "bir kampanyada en çok 10.000 ürün olur; tüm mağaza için ürün yazmak gerekmez",
		"the store has no product %.70q":                                             "mağazada {1} ürünü yok",
		"give a name of up to 100 characters that publishers see":                    "yayıncıların göreceği, en çok 100 karakterlik bir ad verin",
		"it is missing: name the first day":                                          "eksik: ilk günü yazın",
		"it is missing: name the last day":                                           "eksik: son günü yazın",
		"only campaigns have an end: name the campaign, or leave the day out":        "yalnızca kampanyaların sonu olur: kampanyayı yazın ya da günü boş bırakın",
		"a rate takes effect on the next day at the earliest, at %s":                 "bir oran en erken ertesi gün yürürlüğe girer: {1}",
		"a rate below %v %% needs %d days of notice: it may take effect from %s on":  "%{1} altındaki bir oran {2} gün önceden bildirilir: en erken {3} tarihinde yürürlüğe girebilir",
		"a campaign begins on the next day at the earliest, at %s":                   "bir kampanya en erken ertesi gün başlar: {1}",
		"a campaign ends after it began":                                             "bir kampanya başladıktan sonra biter",
		"a campaign lasts a year at the most: set the standing rate instead":         "bir kampanya en çok bir yıl sürer: bunun yerine sürekli oranı belirleyin",
		"a campaign pays more than the rate of %v %% that stands without it":         "bir kampanya, onsuz geçerli olan %{1} oranından fazla öder",
		"it overlaps with the campaign %q from %s to %s":                             "{2} – {3} tarihlerindeki {1} kampanyasıyla çakışıyor",
		"the campaign is over":                                                       "kampanya bitti",
		"there is no such campaign":                                                  "böyle bir kampanya yok",
		"the store takes part already":                                               "mağaza zaten katılıyor",
		"the store left on %s and may join again from %s on":                         "mağaza {1} tarihinde ayrıldı; en erken {2} tarihinde yeniden katılabilir",
		"the store does not take part, so it cannot leave":                           "mağaza katılmıyor, bu yüzden ayrılamaz",
		"a rate of %v %% is outside the range of program %s: %v %% to %v %%":         "%{1} oranı {2} programının aralığı dışında: %{3} – %{4}",

		// Payout details.
		"choose how you want to be paid": "nasıl ödeme almak istediğinizi seçin",
		"IBAN %s: only capital letters and digits, without spaces: check it against the bank's papers":                          "IBAN {1}: yalnızca büyük harf ve rakam, boşluksuz: banka belgelerinizle karşılaştırın",
		"IBAN %s: the country %s has no IBANs: enter the account number and the bank instead":                                   "IBAN {1}: {2} ülkesinde IBAN yok: bunun yerine hesap numarasını ve bankayı girin",
		"IBAN %s: it has %d characters, an IBAN of %s has %d: check it against the bank's papers":                               "IBAN {1}: {2} karakter var, {3} IBAN'ı {4} karakterdir: banka belgelerinizle karşılaştırın",
		"IBAN %s: its check digits are wrong: a character is mistyped or swapped":                                               "IBAN {1}: denetim basamakları yanlış: bir karakter yanlış yazılmış ya da yer değiştirmiş",
		"BIC %q: it is not 8 or 11 capital letters and digits with a country in the fifth and sixth place, such as COBADEFFXXX": "BIC {1}: beşinci ve altıncı yerinde ülke olan 8 ya da 11 büyük harf ve rakam değil; örneğin COBADEFFXXX",
		"name: banks take Latin letters only, and %q cannot be turned into them: enter the name as the bank spells it":          "ad: bankalar yalnızca Latin harflerini alır ve {1} onlara çevrilemiyor: adı bankanın yazdığı gibi girin",
		"name: it is empty: enter the account holder's name":                                                                    "ad: boş: hesap sahibinin adını girin",
		"clearing member: give the clearing system and the bank's number in it, such as USABA and 021000021":                    "takas üyesi: takas sistemini ve bankanın oradaki numarasını yazın; örneğin USABA ve 021000021",
		"BIC: a transfer in %s to this account needs the bank's BIC: enter it":                                                  "BIC: bu hesaba {1} havalesi için bankanın BIC kodu gerekir: girin",
		"account: enter an IBAN, or the account number and the bank's BIC":                                                      "hesap: bir IBAN ya da hesap numarasını ve bankanın BIC kodunu girin",
		"BIC: an account number alone does not name the bank: enter its BIC or its number in a clearing system":                 "BIC: hesap numarası tek başına bankayı belirtmez: bankanın BIC kodunu ya da takas numarasını girin",
		"clearing system": "takas sistemi",
		"post code":       "posta kodu",
		"clearing member": "takas üyesi",
		"%s: it is not 1 to %d letters, digits and hyphens: check it against the bank's papers":                                "{1}: 1 ile {2} arasında harf, rakam ve tire değil: banka belgelerinizle karşılaştırın",
		"address: country %q: enter its two letters, such as TR":                                                               "adres: ülke {1}: iki harfini girin, örneğin TR",
		"address: town: banks take no address without one: enter it, or leave the address out":                                 "adres: şehir: bankalar şehirsiz adres almaz: girin ya da adresi boş bırakın",
		"address: %s: %q cannot be turned into Latin letters: enter it in them":                                                "adres: {1}: {2} Latin harflerine çevrilemiyor: Latin harfleriyle girin",
		"e-mail %q: it is not an address such as ann@example.com of at most 127 characters that begins with a letter or digit": "e-posta {1}: harf ya da rakamla başlayan, en çok 127 karakterlik bir adres değil; örneğin ann@example.com",

		// Tickets and announcements.
		"an inquiry is a publisher's or a seller's":                                              "bir talep bir yayıncının ya da bir satıcının olur",
		"it is too long for an order's number":                                                   "bir sipariş numarası için çok uzun",
		"name the order and its program, so that somebody can look why it was decided as it was": "siparişi ve programını yazın ki kararın nedenine bakılabilsin",
		"name the traffic type that you want to have beside your present one":                    "şimdikinin yanında istediğiniz trafik türünü seçin",
		"ticket %d asks for this traffic type already":                                           "{1} numaralı talep bu trafik türünü zaten istiyor",
		"whoever asked must read it: do not make it a note":                                      "soran bunu okumalı: not olarak yazmayın",
		"ticket %d is not about traffic types":                                                   "{1} numaralı talep trafik türleriyle ilgili değil",
		"%.70q is none of the operator's people":                                                 "{1} işletmecinin çalışanlarından değil",
		"name a publisher or a seller's organisation":                                            "bir yayıncı ya da bir satıcı kuruluşu yazın",
		"write it in one language at least":                                                      "en az bir dilde yazın",
		"it would be over before it is shown":                                                    "gösterilmeden bitmiş olurdu",

		// Trust cases.
		"it is missing: name the program":                                                            "eksik: programı seçin",
		"it is missing: name the publisher":                                                          "eksik: yayıncıyı yazın",
		"there is none: say at least what was seen":                                                  "kanıt yok: en azından ne görüldüğünü yazın",
		"%.80q is no order of the program":                                                           "{1} programın siparişlerinden değil",
		"order %.80q has no item that %.80q won":                                                     "{1} siparişinde {2} yayıncısının kazandığı bir kalem yok",
		"the publisher has more than %d open commissions: block it first, and decline them in parts": "yayıncının {1} adetten çok açık komisyonu var: önce engelleyin, sonra bölümler halinde reddedin",
		"no report of the marketplace took its commission":                                           "komisyonunu pazaryerinin bir bildirimi almadı",
		"it is empty: choose another file":                                                           "boş: başka bir dosya seçin",
		"it has %d bytes, and %d are the most":                                                       "{1} bayt var, en çok {2} olabilir",
		"it is neither PDF, PNG, JPEG nor plain text: send one of these":                             "PDF, PNG, JPEG ya da düz metin değil: bunlardan birini gönderin",
		"each side puts at most %d files to a case":                                                  "her taraf bir incelemeye en çok {1} dosya koyar",
		"an appeal was made already":                                                                 "zaten itiraz edildi",
		"a case needs an id, a program, a publisher, somebody who opens it and a category":           "bir inceleme için kimlik, program, yayıncı, açan kişi ve tür gerekir",
		"evidence of kind %q":                                                                        "{1} türünde kanıt olmaz",
		"a case has at most %d pieces of evidence":                                                   "bir incelemede en çok {1} kanıt olur",
		"write something, %d bytes at most":                                                          "bir şey yazın, en çok {1} bayt",
		"write UTF-8 without the character 0":                                                        "0 karakteri olmadan UTF-8 yazın",
		"each side writes at most %d messages":                                                       "her taraf en çok {1} ileti yazar",
		"name the sanctions, or release":                                                             "yaptırımları seçin ya da serbest bırakın",
		"give a reason of the list":                                                                  "listeden bir neden seçin",

		// Proposals of program documents.
		"say why, so that the proposal can be made better":                                                                             "nedenini yazın ki öneri iyileştirilebilsin",
		"only who made it takes it back; reject it instead":                                                                            "yalnızca öneren geri çeker; bunun yerine reddedin",
		"it has passed while the proposal waited, and terms that are in force are never changed: propose it again with a time to come": "öneri beklerken geçti ve yürürlükteki koşullar hiç değiştirilmez: gelecekteki bir zamanla yeniden önerin",

		// Reports.
		"is not for live orders: the latest come first":                              "canlı siparişler için değil: en yenisi önce gelir",
		"is not for items: the latest come first":                                    "kalemler için değil: en yenisi önce gelir",
		"is not a cursor of this report: take the one that the page before returned": "bu raporun imleci değil: önceki sayfanın verdiğini kullanın",
		"%q is not a report; there are orders, traffic, income and live-orders":      "{1} bir rapor değil; orders, traffic, income ve live-orders var",
		"has %d dimensions; %d are the most":                                         "{1} boyut var, en çok {2} olabilir",
		"has one dimension at the most":                                              "en çok bir boyut olabilir",
		"%q is not a dimension of this report; it is one of %s":                      "{1} bu raporun boyutlarından değil; olanlar: {2}",
		"%q is not a dimension of this report%s":                                     "{1} bu raporun boyutlarından değil",
		"is not a filter of this report; it is one of %s":                            "bu raporun süzgeçlerinden değil; olanlar: {1}",
		"is not a filter of this report%s":                                           "bu raporun süzgeçlerinden değil",
		"this report has none":                                                       "bu raporda yok",
		"names %q twice":                                                             "{1} iki kez yazılmış",
		"are %d; %d are the most":                                                    "{1} süzgeç var, en çok {2} olabilir",
		"is not text in UTF-8":                                                       "UTF-8 metin değil",
		"%q is not a day of an order; it is order or transaction":                    "{1} bir siparişin günü değil; order ya da transaction olabilir",
		"is not a day": "bir gün değil",
		"is below 0":   "0'dan küçük",
		"%q is not a column of this report; it has %s": "{1} bu raporun sütunlarından değil; olanlar: {2}",
	}
}
