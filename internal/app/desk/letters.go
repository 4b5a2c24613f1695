package desk

import (
	"fmt"
	"strings"
)

// letter is an e-mail before it is written in a language.
type letter struct {
	what   string   // key of its texts
	site   string   // where the pages are
	path   string   // of the page that it leads to
	about  []string // what its texts name
	reason string   // why something was decided; empty: nothing is said of it
	below  string   // what somebody wrote; empty: nothing
}

// write returns the subject and the text in a language.
func (l letter) write(language string) (subject, text string) {
	all := letters()[l.what]
	t, hello, reason := all[0], "Hello,", "The reason: "
	if language == "tr" {
		t, hello, reason = all[1], "Merhaba,", "Nedeni: "
	}
	args := make([]any, len(l.about))
	for i, a := range l.about {
		args[i] = a
	}
	parts := []string{hello, fmt.Sprintf(t[1], args...)}
	if l.reason != "" {
		parts = append(parts, reason+l.reason)
	}
	if l.below != "" {
		parts = append(parts, l.below)
	}
	parts = append(parts, t[2]+"\n"+l.site+l.path)
	return fmt.Sprintf(t[0], args...), strings.Join(parts, "\n\n") + "\n"
}

// letters are the e-mails: for each the subject, the text and what stands before the link, in English and Turkish. Arguments are numbered,
// so that a text may leave some out.
func letters() map[string][2][3]string {
	const (
		ticketLink, ticketLinkTR = "The whole conversation, and where to answer:", "Yazışmanın tamamı ve yanıt için:"
		desk, deskTR             = "You can read and answer it here:", "Buradan okuyup yanıtlayabilirsiniz:"
	)
	return map[string][2][3]string{
		"answer": {
			{"Ticket %[1]s: %[2]s", "Your ticket %[1]s, “%[2]s”, was answered:", ticketLink},
			{"Talep %[1]s: %[2]s", "%[1]s numaralı “%[2]s” talebiniz yanıtlandı:", ticketLinkTR},
		},
		"closed": {
			{"Ticket %[1]s: %[2]s", "Your ticket %[1]s, “%[2]s”, was closed. If something is still open, write there and it opens again.", ticketLink},
			{"Talep %[1]s: %[2]s", "%[1]s numaralı “%[2]s” talebiniz kapatıldı. Çözülmeyen bir şey varsa oraya yazın, yeniden açılır.", ticketLinkTR},
		},
		"agreed": {
			{"Ticket %[1]s: %[2]s", "We agree: you may have a further traffic type, as you asked in ticket %[1]s, “%[2]s”. You can apply with the ad space now.", ticketLink},
			{"Talep %[1]s: %[2]s", "Onayladık: %[1]s numaralı “%[2]s” talebinizde istediğiniz trafik türünü de kullanabilirsiniz. Reklam alanıyla artık başvurabilirsiniz.", ticketLinkTR},
		},
		"refused": {
			{"Ticket %[1]s: %[2]s", "We do not agree to a further traffic type under your login, for which you asked in ticket %[1]s, “%[2]s”.", ticketLink},
			{"Talep %[1]s: %[2]s", "%[1]s numaralı “%[2]s” talebinizde istediğiniz ek trafik türünü onaylamıyoruz.", ticketLinkTR},
		},
		"reply": {
			{"Ticket %[1]s: %[2]s", "Ticket %[1]s, “%[2]s”, which is assigned to you, has a new message.", desk},
			{"Talep %[1]s: %[2]s", "Size atanmış %[1]s numaralı “%[2]s” talebinde yeni bir ileti var.", deskTR},
		},
		"assigned": {
			{"Ticket %[2]s: %[3]s", "%[1]s assigned ticket %[2]s, “%[3]s”, to you.", desk},
			{"Talep %[2]s: %[3]s", "%[1]s, %[2]s numaralı “%[3]s” talebini size atadı.", deskTR},
		},
		"manager": {
			{"Your personal manager is %[1]s", "Your personal manager is now %[1]s: %[2]s.", "All ways to reach us:"},
			{"Kişisel yöneticiniz: %[1]s", "Kişisel yöneticiniz artık %[1]s: %[2]s.", "Bize ulaşmanın tüm yolları:"},
		},
		"announcement": {
			{"%[1]s", "%[1]s", "Read it in the console:"},
			{"%[1]s", "%[1]s", "Panelde okuyun:"},
		},
		"declined": {
			{"Your application to %[2]s", "Your ad space %[1]s was not accepted into the program %[2]s.", "You can put right what is in the way and apply again:"},
			{"%[2]s başvurunuz", "%[1]s reklam alanınız %[2]s programına kabul edilmedi.", "Engeli giderip yeniden başvurabilirsiniz:"},
		},
		"question": {
			{"A question about your application to %[2]s", "Whoever reviews the application of your ad space %[1]s to the program %[2]s asks:", "Please answer here:"},
			{"%[2]s başvurunuzla ilgili bir soru", "%[1]s reklam alanınızın %[2]s programına başvurusunu inceleyen soruyor:", "Lütfen buradan yanıtlayın:"},
		},
		"approved": {
			{"Welcome to %[2]s", "Your ad space %[1]s is part of the program %[2]s. Links that you make for it earn commission from now on. What helps at the beginning:", "All of it, kept up to date:"},
			{"%[2]s programına hoş geldiniz", "%[1]s reklam alanınız artık %[2]s programında. Onun için oluşturduğunuz bağlantılar bundan böyle komisyon kazandırır. Başlangıçta işinize yarayacaklar:", "Tamamı, güncel hâliyle:"},
		},
	}
}

// How much of the pack stands in the e-mail; the page has all of it.
const (
	letterBest   = 5
	letterWords  = 60
	letterStores = 40
)

// text is the welcome pack in a language, for an e-mail.
func (w *Welcome) text(language string) string {
	t := [...]string{"Best-selling products, %s (%s):", "all deliveries", "orders: %d", "Banned keywords, which must not be bid on:", "Stores whose products earn no commission:", "and %d more"}
	if language == "tr" {
		t = [...]string{"En çok satan ürünler, %s (%s):", "tüm teslimatlar", "sipariş: %d", "Teklif verilmesi yasak anahtar kelimeler:", "Ürünleri komisyon kazandırmayan mağazalar:", "ve %d tane daha"}
	}
	cut := func(all []string, most int) string {
		if rest := len(all) - most; rest > 0 {
			return strings.Join(all[:most], ", ") + " " + fmt.Sprintf(t[5], rest)
		}
		return strings.Join(all, ", ")
	}
	var parts []string
	for _, b := range w.Best {
		if len(b.Products) == 0 {
			continue
		}
		market := b.Market
		if market == "" {
			market = t[1]
		}
		lines := []string{fmt.Sprintf(t[0], market, b.Month)}
		for _, p := range b.Products[:min(len(b.Products), letterBest)] {
			about := p.Product
			if p.Category != "" {
				about += " (" + strings.ReplaceAll(p.Category, "_", " ") + ")"
			}
			lines = append(lines, "- "+about+", "+fmt.Sprintf(t[2], p.Orders))
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	if len(w.Keywords) > 0 {
		parts = append(parts, t[3]+"\n"+cut(w.Keywords, letterWords))
	}
	var unpaid []string
	for _, u := range w.Unpaid {
		for _, s := range u.Stores {
			name := s.Name
			if name == "" {
				name = s.ID
			}
			unpaid = append(unpaid, name)
		}
	}
	if len(unpaid) > 0 {
		parts = append(parts, t[4]+"\n"+cut(unpaid, letterStores))
	}
	return strings.Join(parts, "\n\n")
}
