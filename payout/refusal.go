package payout

import (
	"strings"

	"github.com/clickledger/clickledger/explain"
)

// Code is why a publisher is not paid.
type Code string

// The reasons for not paying.
const (
	NotOnRequest     Code = "not_on_request"     // the program pays by a schedule
	Blocked          Code = "blocked"            // an operator stopped it: sanctions, a missing tax form
	FraudHold        Code = "fraud_hold"         // a fraud case is open
	NoDetails        Code = "no_details"         // no payout details
	BadDetails       Code = "bad_details"        // payout details that the rail cannot use
	MethodNotOffered Code = "method_not_offered" // not in this country, or not in this program
	DetailsFrozen    Code = "details_frozen"     // changed less than DetailsFreeze ago
	InDebt           Code = "in_debt"            // a clawback is open
	BelowMinimum     Code = "below_minimum"      // the balance must reach the minimum
	NotAboveMinimum  Code = "not_above_minimum"  // the balance must exceed the minimum
	NothingToPay     Code = "nothing_to_pay"     // the balance is zero
	EatenUp          Code = "eaten_up"           // fee and tax take all of it
)

// Codes are all reasons.
func Codes() []Code {
	return []Code{NotOnRequest, Blocked, FraudHold, NoDetails, BadDetails, MethodNotOffered, DetailsFrozen, InDebt, BelowMinimum, NotAboveMinimum,
		NothingToPay, EatenUp}
}

// Refusal is why a publisher is not paid, as data: a code and the values that led to it. It is an error.
type Refusal struct {
	Code   Code            `json:"code"`
	Values []explain.Value `json:"values,omitempty"`
}

func refuse(code Code, pairs ...string) (Quote, *Refusal) {
	return Quote{}, &Refusal{code, explain.New(string(code), pairs...).Values}
}

func (r *Refusal) Error() string { return "not paid: " + r.Reason("en") + " " + r.Fix("en") }

// Value returns a value by its name, or "".
func (r *Refusal) Value(name string) string {
	for _, v := range r.Values {
		if v.Name == name {
			return v.Text
		}
	}
	return ""
}

// Reason says in a sentence why, in English ("en") or Turkish ("tr"); any other language is English.
func (r *Refusal) Reason(lang string) string { return r.fill(texts(lang, r.Code).reason) }

// Fix says in a sentence what helps.
func (r *Refusal) Fix(lang string) string { return r.fill(texts(lang, r.Code).fix) }

func (r *Refusal) fill(text string) string {
	for _, v := range r.Values {
		text = strings.ReplaceAll(text, "{"+v.Name+"}", v.Text)
	}
	return text
}

type sentences struct{ reason, fix string }

func texts(lang string, code Code) sentences {
	if lang == "tr" {
		return turkish(code)
	}
	return english(code)
}

func english(code Code) sentences {
	switch code {
	case NotOnRequest:
		return sentences{"This program pays by itself ({schedule}), not on request.", "Wait for the run of {next}."}
	case Blocked:
		return sentences{"Payouts to this publisher are stopped ({reason}).", "Ask your manager what is missing."}
	case FraudHold:
		return sentences{"Fraud case {case} is open.", "Answer it; payouts go on when it is closed."}
	case NoDetails:
		return sentences{"There are no payout details.", "Enter how and where you want to be paid."}
	case BadDetails:
		return sentences{"The payout details cannot be used: {fault}.", "Correct them."}
	case MethodNotOffered:
		return sentences{"This program does not pay by {method} in {country}.", "Choose a method that it offers there."}
	case DetailsFrozen:
		return sentences{"The payout details were changed a short time ago.", "Payouts go on at {until}. If you did not change them, tell us at once."}
	case InDebt:
		return sentences{"{debt} are owed after commissions were taken back.", "The next commissions pay it off; it can also be paid back."}
	case BelowMinimum:
		return sentences{"The balance of {balance} does not reach the minimum of {minimum}.", "It is paid as soon as it does."}
	case NotAboveMinimum:
		return sentences{"The balance of {balance} does not exceed the minimum of {minimum}.", "It can be paid as soon as it does."}
	case NothingToPay:
		return sentences{"There is no balance to pay.", "Commissions become payable when they are approved."}
	case EatenUp:
		return sentences{"Fee ({fee}) and tax ({tax}) would take all of the balance of {balance}.", "Wait until it is larger, or choose a cheaper method."}
	}
	return sentences{string(code), ""}
}

func turkish(code Code) sentences {
	switch code {
	case NotOnRequest:
		return sentences{"Bu program istek üzerine değil, kendiliğinden öder ({schedule}).", "{next} tarihli ödemeyi bekleyin."}
	case Blocked:
		return sentences{"Bu yayıncıya ödemeler durduruldu ({reason}).", "Eksiğin ne olduğunu yöneticinize sorun."}
	case FraudHold:
		return sentences{"{case} numaralı hile incelemesi açık.", "İncelemeyi yanıtlayın; kapanınca ödemeler sürer."}
	case NoDetails:
		return sentences{"Ödeme bilgisi yok.", "Nasıl ve nereye ödeme istediğinizi girin."}
	case BadDetails:
		return sentences{"Ödeme bilgileri kullanılamıyor: {fault}.", "Bilgileri düzeltin."}
	case MethodNotOffered:
		return sentences{"Bu program {country} için {method} ile ödeme yapmıyor.", "Orada sunulan bir yöntem seçin."}
	case DetailsFrozen:
		return sentences{"Ödeme bilgileri kısa süre önce değiştirildi.", "Ödemeler {until} anında sürer. Değişikliği siz yapmadıysanız hemen bildirin."}
	case InDebt:
		return sentences{"Geri alınan komisyonlardan {debt} borç var.", "Sonraki komisyonlar borcu kapatır; borç geri de ödenebilir."}
	case BelowMinimum:
		return sentences{"{balance} bakiye, {minimum} alt sınırına ulaşmıyor.", "Ulaşınca ödenir."}
	case NotAboveMinimum:
		return sentences{"{balance} bakiye, {minimum} alt sınırını aşmıyor.", "Aşınca ödenebilir."}
	case NothingToPay:
		return sentences{"Ödenecek bakiye yok.", "Komisyonlar onaylanınca ödenebilir olur."}
	case EatenUp:
		return sentences{"Ücret ({fee}) ve vergi ({tax}), {balance} bakiyenin tamamını alıyor.", "Bakiyenin artmasını bekleyin ya da daha ucuz bir yöntem seçin."}
	}
	return sentences{string(code), ""}
}
