package people

import (
	"fmt"
	"strings"
)

// letter is an e-mail before it is written in a language.
type letter struct {
	what  string   // key of its texts
	link  string   // or empty
	about []string // what its texts name
}

// write returns the subject and the text in a language.
func (l letter) write(language string) (subject, text string) {
	all := letters()[l.what]
	t := all[0]
	hello, ignore := "Hello,", "If this was not you, you need not do anything; nobody gets in with your e-mail address alone."
	if language == "tr" {
		t = all[1]
		hello, ignore = "Merhaba,", "Bu işlemi siz yapmadıysanız bir şey yapmanız gerekmez; yalnızca e-posta adresinizle kimse giriş yapamaz."
	}
	args := make([]any, len(l.about))
	for i, a := range l.about {
		args[i] = a
	}
	subject = t[0]
	body := t[1]
	if strings.Contains(body, "%") {
		body = fmt.Sprintf(body, args...)
	}
	parts := []string{hello, body}
	if l.link != "" {
		parts = append(parts, l.link)
	}
	if t[2] != "" {
		parts = append(parts, t[2])
	} else {
		parts = append(parts, ignore)
	}
	return subject, strings.Join(parts, "\n\n") + "\n"
}

// letters are the e-mails: for each, subject, text and what stands below the link, in English and Turkish.
func letters() map[string][2][3]string {
	return map[string][2][3]string{
		"check": {
			{"Confirm your e-mail address", "Thank you for signing up. Open this link within 24 hours to confirm your e-mail address:", ""},
			{"E-posta adresinizi doğrulayın", "Kaydolduğunuz için teşekkür ederiz. E-posta adresinizi doğrulamak için bu bağlantıyı 24 saat içinde açın:", ""},
		},
		"known": {
			{"You have an account already", "Somebody, probably you, tried to sign up with this e-mail address. There is an account already. If you forgot the password, set a new one here:", ""},
			{"Zaten bir hesabınız var", "Birisi, büyük olasılıkla siz, bu e-posta adresiyle kaydolmayı denedi. Bu adrese ait bir hesap zaten var. Parolanızı unuttuysanız buradan yenisini belirleyin:", ""},
		},
		"reset": {
			{"Set a new password", "You asked for a new password. Open this link within one hour to set it:", ""},
			{"Yeni parola belirleyin", "Yeni bir parola istediniz. Belirlemek için bu bağlantıyı bir saat içinde açın:", ""},
		},
		"changed": {
			{"Your password was changed", "The password of your account was changed, and all other sessions were ended.", "If this was not you, set a new password at once and tell us."},
			{"Parolanız değiştirildi", "Hesabınızın parolası değiştirildi ve diğer tüm oturumlar kapatıldı.", "Bunu siz yapmadıysanız hemen yeni bir parola belirleyin ve bize haber verin."},
		},
		"factor": {
			{"Your second factor was changed", "The second factor of your account was changed: %s.", "If this was not you, change your password at once and tell us."},
			{"İkinci adımınız değiştirildi", "Hesabınızın ikinci doğrulama adımı değiştirildi: %s.", "Bunu siz yapmadıysanız hemen parolanızı değiştirin ve bize haber verin."},
		},
		"passkey_added": {
			{"A passkey was added", "A passkey was added to your account: %s. Whoever holds it can sign in as you.", "If this was not you, remove it in the settings, change your password at once and tell us."},
			{"Bir geçiş anahtarı eklendi", "Hesabınıza bir geçiş anahtarı eklendi: %s. Onu elinde bulunduran, sizin adınıza giriş yapabilir.", "Bunu siz yapmadıysanız anahtarı ayarlardan kaldırın, hemen parolanızı değiştirin ve bize haber verin."},
		},
		"passkey_removed": {
			{"A passkey was removed", "A passkey was removed from your account: %s. It does not sign in any more.", "If this was not you, change your password at once and tell us."},
			{"Bir geçiş anahtarı kaldırıldı", "Hesabınızdan bir geçiş anahtarı kaldırıldı: %s. Artık onunla giriş yapılamaz.", "Bunu siz yapmadıysanız hemen parolanızı değiştirin ve bize haber verin."},
		},
		"invite": {
			{"You are invited", "%s invites you to act for %s. Open this link within seven days to accept:", "If you do not know them, you need not do anything."},
			{"Davet edildiniz", "%s, %s adına çalışmanız için sizi davet ediyor. Kabul etmek için bu bağlantıyı yedi gün içinde açın:", "Davet edeni tanımıyorsanız bir şey yapmanız gerekmez."},
		},
	}
}
