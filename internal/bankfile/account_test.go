package bankfile

import (
	"strings"
	"testing"

	"github.com/clickledger/clickledger/payout"
	"pgregory.net/rapid"
)

// Published examples of IBANs, one for each kind of account number.
func ibans() []string {
	return []string{
		"AD1200012030200359100100", "AE070331234567890123456", "AL47212110090000000235698741", "AT611904300234573201", "AZ21NABZ00000000137010001944",
		"BE68539007547034", "BG80BNBG96611020345678", "BH67BMAG00001299123456", "BR1800360305000010009795493C1", "BY13NBRB3600900000002Z00AB00", "CH9300762011623852957",
		"CR05015202001026284066", "CY17002001280000001200527600", "CZ6508000000192000145399", "DE89370400440532013000", "DK5000400440116243", "DO28BAGR00000001212453611324",
		"EE382200221020145685", "EG380019000500000000263180002", "ES9121000418450200051332", "FI2112345600000785", "FO6264600001631634", "FR1420041010050500013M02606",
		"GB29NWBK60161331926819", "GE29NB0000000101904917", "GI75NWBK000000007099453", "GL8964710001000206", "GR1601101250000000012300695", "GT82TRAJ01020000001210029690",
		"HR1210010051863000160", "HU42117730161111101800000000", "IE29AIBK93115212345678", "IL620108000000099999999", "IQ98NBIQ850123456789012", "IS140159260076545510730339",
		"IT60X0542811101000000123456", "JO94CBJO0010000000000131000302", "KW81CBKU0000000000001234560101", "KZ86125KZT5004100100", "LB62099900000001001901229114",
		"LC55HEMM000100010012001200023015", "LI21088100002324013AA", "LT121000011101001000", "LU280019400644750000", "LV80BANK0000435195001", "MC5811222000010123456789030",
		"MD24AG000225100013104168", "ME25505000012345678951", "MK07250120000058984", "MR1300020001010000123456753", "MT84MALT011000012345MTLCAST001S", "MU17BOMM0101101030300200000MUR",
		"NL91ABNA0417164300", "NO9386011117947", "PK36SCBL0000001123456702", "PL61109010140000071219812874", "PS92PALS000000000400123456702", "PT50000201231234567890154",
		"QA58DOHB00001234567890ABCDEFG", "RO49AAAA1B31007593840000", "RS35260005601001611379", "SA0380000000608010167519", "SC18SSCB11010000000000001497USD", "SE4550000000058398257466",
		"SI56263300012039086", "SK3112000000198742637541", "SM86U0322509800000000270100", "ST23000100010051845310146", "SV62CENR00000000000000700025", "TL380080012345678910157",
		"TN5910006035183598478831", "TR330006100519786457841326", "UA213223130000026007233566001", "VA59001123000012345678", "VG96VPVG0000012345678901", "XK051212012345678906",
	}
}

// M5: IBANs: every published example is right, and wrong with any one character changed or two digits swapped.
func TestM5_IBAN(t *testing.T) {
	for _, iban := range ibans() {
		if err := CheckIBAN(iban); err != nil {
			t.Errorf("%s: %v", iban, err)
		}
		for i := 2; i < len(iban); i++ {
			c := byte('0' + (iban[i]-'0'+1)%10)
			if iban[i] >= 'A' {
				c = 'A' + (iban[i]-'A'+1)%26
			}
			if err := CheckIBAN(iban[:i] + string(c) + iban[i+1:]); err == nil {
				t.Errorf("%s with %c at %d is right", iban, c, i)
			}
			// A letter counts as two digits, so 1B and B1 are the same number; two digits that differ never are.
			if i > 4 && iban[i] != iban[i-1] && iban[i] <= '9' && iban[i-1] <= '9' && CheckIBAN(iban[:i-1]+string(iban[i])+string(iban[i-1])+iban[i+1:]) == nil {
				t.Errorf("%s with %d and %d swapped is right", iban, i-1, i)
			}
		}
	}
	for iban, want := range map[string]string{
		"": "only capital", "DE": "only capital", "DE89 3704 0044 0532 0130 00": "spaces", "de89370400440532013000": "only capital", "US64SVBKUS6S3300958879": "no IBANs",
		"DE8937040044053201300": "21 characters, an IBAN of DE has 22", "DE89370400440532013001": "check digits", "DEA9370400440532013000": "check digits",
	} {
		err := CheckIBAN(iban)
		if err == nil || !strings.Contains(err.Error(), want) || (len(iban) > 9 && strings.Contains(err.Error(), iban)) {
			t.Errorf("%q: %v; want %q, without the whole number", iban, err, want)
		}
	}
}

// The check digits that ISO 13616 prescribes are the ones that are taken.
func TestM5_IBANCheckDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringMatching(`[0-9A-Z]{18}`).Draw(t, "account")
		right := 98 - mod97(account+"DE00")
		for d := range 100 {
			iban := "DE" + string(rune('0'+d/10)) + string(rune('0'+d%10)) + account
			if err := CheckIBAN(iban); (err == nil) != (d%97 == right%97 && mod97(account+iban[:4]) == 1) {
				t.Fatalf("%s: %v", iban, err)
			}
		}
	})
}

func TestM5_BIC(t *testing.T) {
	for bic, ok := range map[string]bool{
		"COBADEFF": true, "COBADEFFXXX": true, "AKBKTRIS": true, "A1B2DE3F": true, "": false, "COBADEF": false, "COBADEFFX": false, "COBADEFFXX": false, "cobadeff": false,
		"COBA1EFF": false, "COBADE F": false, "COBADEFFXXXX": false,
	} {
		if err := CheckBIC(bic); (err == nil) != ok {
			t.Errorf("%q: %v", bic, err)
		}
	}
}

// M5: what is written is in the bank's letters; names of many languages are readable in them.
func TestM5_Latin(t *testing.T) {
	for in, want := range map[string]string{
		"Gökçe Işık İnşaat Ltd. Şti.": "Gokce Isik Insaat Ltd. Sti.", "Ağaoğlu": "Agaoglu", "Müller & Söhne": "Muller + Sohne", "Straße ẞ": "Strasse Ss",
		"Łódź Żółć": "Lodz Zolc", "Ørsted Ærø": "Orsted Aero", "Þór Ðæ": "Thor Dae", "Œuvre": "Oeuvre", "Đorđe": "Dorde", "Əli Məmmədov": "Ali Mammadov", "Oʻzbekiston": "O'zbekiston",
		"Иван Щукин": "Ivan Shchukin", "Ёлка Йод": "Elka Iod", "Объект Ъ": "Obekt", "Їжак Євген ґ": "Izhak Ievgen g", "Ђорђе Љиљана": "Djordje Ljiljana", "Қазақстан Әлия": "Qazaqstan Aliya",
		"Αθήνα Ψωμάς": "Athina Psomas", "თბილისი": "tbilisi", "Հայաստան Երևան": "Hayastan Erevan", "a@b_c": "a(at)b-c", "x\ty\nz": "x y z",
		"“Quote” „x‟ #1 50%": "'Quote' 'x. .1 50.", "a–b—c": "a-b-c", "  many   spaces  ": "many spaces", "Crème Brûlée": "Creme Brulee", "Ñandú": "Nandu",
	} {
		got, unknown := Latin(in)
		if got != want || unknown != "" {
			t.Errorf("%q becomes %q (unknown %q), want %q", in, got, unknown, want)
		}
	}
	for in, want := range map[string]string{"王 Wang": "王", "محمد": "محمد", "שלום": "שלום", "٣": "٣"} {
		if _, unknown := Latin(in); unknown != want {
			t.Errorf("%q: unknown %q, want %q", in, unknown, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		got, _ := Latin(s)
		for _, r := range got {
			if !bankLetter(r) {
				t.Fatalf("%q becomes %q with %q", s, got, r)
			}
		}
		if again, unknown := Latin(got); again != got || unknown != "" {
			t.Fatalf("%q becomes %q, and that %q", s, got, again)
		}
		if short := text(s, 10); len(short) > 10 || strings.TrimSpace(short) != short {
			t.Fatalf("%q is cut to %q", s, short)
		}
	})
	for r := range rune(0x600) { // no letter of the alphabets that are known makes it fall over
		Latin(string(r))
	}
	for r := rune(0x10A0); r < 0x1100; r++ {
		Latin(string(r))
	}
}

// M5: details are checked when they are entered: each fault is named, with what helps.
func TestM5_CheckNamesEveryFault(t *testing.T) {
	good := payout.Party{Name: "Ann", IBAN: "DE89370400440532013000"}
	for _, c := range []struct {
		name   string
		p      payout.Party
		method string
		cur    string
		want   []string
	}{
		{"SEPA needs no BIC", good, "bank_transfer", "EUR", nil},
		{"dollars do", good, "bank_transfer", "USD", []string{"BIC: a transfer in USD"}},
		{"outside SEPA too", payout.Party{Name: "Ann", IBAN: "TR330006100519786457841326"}, "bank_transfer", "EUR", []string{"BIC"}},
		{"a clearing number does", payout.Party{Name: "Ann", IBAN: "TR330006100519786457841326", ClearingSystem: "TRABC", ClearingMember: "1"}, "bank_transfer", "EUR", nil},
		{"no account", payout.Party{Name: "Ann"}, "bank_transfer", "EUR", []string{"account: enter an IBAN"}},
		{"an account without a bank", payout.Party{Name: "Ann", Account: "1"}, "bank_transfer", "EUR", []string{"BIC: an account number alone"}},
		{"an account with signs", payout.Party{Name: "Ann", Account: "1 2", BIC: "COBADEFF"}, "bank_transfer", "EUR", []string{"account: it is not 1 to 34"}},
		{"half a clearing number", payout.Party{Name: "Ann", Account: "1", ClearingMember: "021000021"}, "bank_transfer", "EUR", []string{"clearing member: give the clearing system"}},
		{"everything wrong", payout.Party{Name: "", IBAN: "X", BIC: "Y", Address: payout.Address{Country: "Germany", Street: "東京"}}, "international_bank_transfer", "EUR",
			[]string{"name: it is empty", "BIC \"Y\"", "IBAN", "address: country", "address: town", "address: street"}},
		{"PayPal", payout.Party{Email: "ann@example.com"}, "paypal", "EUR", nil},
		{"no e-mail", payout.Party{Name: "Ann"}, "paypal", "EUR", []string{"e-mail"}},
		{"an e-mail with a name", payout.Party{Email: "Ann <ann@example.com>"}, "paypal", "EUR", []string{"e-mail"}},
		{"an e-mail that is a formula", payout.Party{Email: "=a@example.com"}, "paypal", "EUR", []string{"e-mail"}},
		{"a long e-mail", payout.Party{Email: strings.Repeat("a", 120) + "@example.com"}, "paypal", "EUR", []string{"e-mail"}},
		{"by hand", payout.Party{Name: "Ann"}, "cheque", "EUR", nil},
		{"by hand, to nobody", payout.Party{Name: " ... "}, "cheque", "EUR", []string{"name"}},
	} {
		err := Check(c.p, c.method, "EUR")
		if c.cur == "USD" {
			err = Check(c.p, c.method, "USD")
		}
		if (err == nil) != (len(c.want) == 0) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		lines := 0
		if err != nil {
			lines = len(strings.Split(err.Error(), "\n"))
		}
		if lines != len(c.want) {
			t.Errorf("%s: %d faults, want %d: %v", c.name, lines, len(c.want), err)
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v; want %q", c.name, err, w)
			}
		}
	}
}
