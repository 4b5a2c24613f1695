package statement

import (
	"strings"

	"github.com/clickledger/clickledger/payout"
)

// Languages are the languages that statements are written in. Any other is English.
func Languages() []string { return []string{"en", "tr"} }

// words are the texts of a statement in a language.
type words struct {
	lang                                                string
	title, number, program, publisher, period, madeAt   string
	opening, closing, summary, lines, none              string
	booked, happened, what, why, amount, balance, order string
	item, payout, run, page, of                         string
	available, reserved, sent, held, debt               string
	notYet, tracked, pending                            string
	missing                                             string
	explain                                             string
	kinds                                               func(Kind) string
}

func wordsOf(lang string) words {
	if lang == "tr" {
		return words{
			lang: "tr", title: "Hesap özeti", number: "Numara", program: "Program", publisher: "Yayıncı", period: "Dönem", madeAt: "Hazırlandı",
			opening: "Dönem başı bakiye", closing: "Dönem sonu bakiye", summary: "Özet", lines: "Hareketler", none: "Bu dönemde hareket yok.",
			booked: "Kayıt", happened: "gerçekleşme", what: "Açıklama", why: "Neden", amount: "Tutar", balance: "Bakiye", order: "sipariş", item: "ürün",
			payout: "ödeme", run: "ödeme turu", page: "Sayfa", of: "/",
			available: "Çekilebilir", reserved: "Ödeme için ayrılan", sent: "Bankaya gönderilen", held: "Hile incelemesinde tutulan", debt: "Borç",
			notYet: "Henüz bakiyede değil", tracked: "İzlenen (sipariş ödenmedi)", pending: "Beklemede (onaylanmadı)",
			missing: "Bu yazı tipinde olmayan harfler □ olarak gösterilir; HTML ve CSV özetinde tam yazılır.",
			explain: "Bakiye, onaylanmış ve henüz ödenmemiş her şeydir. Tamamlanan siparişlerin komisyonu, bekleme süresi bitip onaylanınca bakiyeye girer.",
			kinds:   turkishKind,
		}
	}
	return words{
		lang: "en", title: "Statement", number: "Number", program: "Program", publisher: "Publisher", period: "Period", madeAt: "Made",
		opening: "Opening balance", closing: "Closing balance", summary: "Summary", lines: "Movements", none: "Nothing moved in this period.",
		booked: "Booked", happened: "happened", what: "Description", why: "Cause", amount: "Amount", balance: "Balance", order: "order", item: "item",
		payout: "payout", run: "payout run", page: "Page", of: "of",
		available: "Available", reserved: "Reserved for a payout", sent: "Sent to the bank", held: "Kept back by a fraud case", debt: "Owed",
		notYet: "Not in the balance yet", tracked: "Tracked (order not paid)", pending: "Pending (not approved)",
		missing: "Letters that this font does not have are shown as □; the HTML and CSV statements have them.",
		explain: "The balance is everything that is approved and not paid out yet. The commission of a completed order enters it when its hold is over and it is approved.",
		kinds:   englishKind,
	}
}

func englishKind(k Kind) string {
	switch k {
	case Commission:
		return "Commission approved"
	case Reversal:
		return "Commission taken back"
	case Antispam:
		return "Antispam deduction"
	case Correction:
		return "Correction of an earlier entry"
	case Appeal:
		return "Deduction undone on appeal"
	case Bonus:
		return "Bonus"
	case Reserve:
		return "Reserved for a payout run"
	case Unreserve:
		return "Put back, not paid in this run"
	case Release:
		return "Payout sent to the bank"
	case Fee:
		return "Payout fee"
	case FeeBack:
		return "Payout fee given back"
	case Tax:
		return "Tax withheld"
	case TaxBack:
		return "Tax given back"
	case Payout:
		return "Paid out"
	case PayoutReject:
		return "Payout rejected by the bank"
	case PayoutReturn:
		return "Payout returned by the payee's bank"
	case Hold:
		return "Kept back by a fraud case"
	case Unhold:
		return "Released from a fraud case"
	case Repayment:
		return "Debt paid back"
	case Writeoff:
		return "Debt given up"
	}
	return "Other entry"
}

func turkishKind(k Kind) string {
	switch k {
	case Commission:
		return "Komisyon onaylandı"
	case Reversal:
		return "Komisyon geri alındı"
	case Antispam:
		return "Antispam kesintisi"
	case Correction:
		return "Önceki kaydın düzeltmesi"
	case Appeal:
		return "Kesinti itiraz üzerine geri verildi"
	case Bonus:
		return "İkramiye"
	case Reserve:
		return "Ödeme için ayrıldı"
	case Unreserve:
		return "Geri konuldu, bu turda ödenmedi"
	case Release:
		return "Ödeme bankaya gönderildi"
	case Fee:
		return "Ödeme ücreti"
	case FeeBack:
		return "Ödeme ücreti geri verildi"
	case Tax:
		return "Vergi kesintisi"
	case TaxBack:
		return "Vergi geri verildi"
	case Payout:
		return "Ödendi"
	case PayoutReject:
		return "Ödemeyi banka reddetti"
	case PayoutReturn:
		return "Ödemeyi alıcının bankası geri gönderdi"
	case Hold:
		return "Hile incelemesinde tutuluyor"
	case Unhold:
		return "Hile incelemesinden çıktı"
	case Repayment:
		return "Borç geri ödendi"
	case Writeoff:
		return "Borçtan vazgeçildi"
	}
	return "Diğer kayıt"
}

// about says what a line is about in words: its order and item or its payout, what moved inside the balance, and the day
// on which it happened where that is another one.
func (s *Statement) about(l *Line, w *words) string {
	var parts []string
	if l.Order != "" {
		text := w.order + " " + l.Order
		if l.Item != "" {
			text += ", " + w.item + " " + l.Item
		}
		parts = append(parts, text)
	} else if l.Item != "" {
		parts = append(parts, l.Item)
	}
	switch {
	case payout.ValidID(l.Payout):
		parts = append(parts, w.payout+" "+l.Payout)
	case l.Payout != "":
		parts = append(parts, w.run+" "+l.Payout)
	}
	if l.Moved != 0 {
		parts = append(parts, s.amount(l.Moved)+" "+string(s.Currency))
	}
	if happened := s.day(l.EffectiveAt); happened != s.day(l.BookedAt) {
		parts = append(parts, w.happened+" "+happened)
	}
	if l.Note != "" {
		parts = append(parts, l.Note)
	}
	return strings.Join(parts, " · ")
}
