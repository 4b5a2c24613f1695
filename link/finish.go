package link

import "net/url"

// WithSubs is the address of a link with sub-IDs behind it (L2); empty ones are left out.
func WithSubs(address string, subs [4]string) string {
	before := "?"
	for i, s := range subs {
		if s != "" {
			address += before + SubName(i) + "=" + url.QueryEscape(s)
			before = "&"
		}
	}
	return address
}

// Disclosure is a text by which a page tells its visitors in a language that its links earn something (F4).
type Disclosure struct{ Lang, Name, Text string }

// Disclosures are the texts, each in its language.
func Disclosures() []Disclosure {
	return []Disclosure{
		{"en", "English", "This is an affiliate link: if you buy through it, I may earn a commission. The price for you stays the same."},
		{"tr", "Türkçe", "Bu bir ortaklık bağlantısıdır: üzerinden alışveriş yaparsanız komisyon kazanabilirim. Sizin ödediğiniz fiyat değişmez."},
		{"de", "Deutsch", "Werbung: Dies ist ein Affiliate-Link. Wenn du darüber einkaufst, erhalte ich vielleicht eine Provision. Der Preis bleibt für dich gleich."},
		{"fr", "Français", "Publicité : ceci est un lien affilié. Si vous achetez en passant par lui, je peux toucher une commission. Le prix reste le même pour vous."},
		{"es", "Español", "Publicidad: este es un enlace de afiliado. Si compras a través de él, puedo recibir una comisión. El precio para ti no cambia."},
		{"it", "Italiano", "Pubblicità: questo è un link affiliato. Se acquisti tramite questo link, posso ricevere una commissione. Per te il prezzo non cambia."},
		{"pl", "Polski", "Reklama: to jest link afiliacyjny. Jeśli kupisz za jego pośrednictwem, mogę otrzymać prowizję. Cena dla ciebie się nie zmienia."},
		{"ro", "Română", "Publicitate: acesta este un link afiliat. Dacă cumperi prin el, pot primi un comision. Prețul pentru tine rămâne același."},
	}
}
