package text

// Privacy is what the pages say by which people see what is kept of them, and are forgotten.
type Privacy struct {
	Mine, MineLead, Download string // on one's own settings

	Erase, EraseLead, EraseAgain, EraseAgainHint, EndKeys string // on the operator's page of a person
	Erased, Closed                                        string // afterwards; the names of organisations follow Closed
	Other                                                 string // another address was given than the person's
	Kept                                                  map[string]string

	LeftKeys, LeftKeysLead, ReplaceLeft, KnownTo, HasLeft string // API keys of which somebody knows who left
}

func privacyEnglish() Privacy {
	return Privacy{
		Mine:     "What is kept about you",
		MineLead: "Everything in one file, as JSON: who you are here, for whom you act, where you are signed in, what you agreed to, what you wrote, which e-mail you were sent, and what you did. Your password and keys are not in it. If you want to be forgotten, ask the operator.",
		Download: "Download",
		Erase:    "Erase this person",
		EraseLead: "Name, e-mail address, password, second step, passkeys, sessions, links and e-mail that waits are deleted, and the name and the address are taken out of tickets, cases and the audit log. " +
			"What the person did, and every payment, stays under an id that stands for nobody. This cannot be undone.",
		EraseAgain: "The person's e-mail address once more", EraseAgainHint: "So that nobody is erased by a slip.", EndKeys: "End the API keys that the person knows",
		Erased: "The person is erased.", Closed: "Nobody acts any more for:",
		Other: "This is not the e-mail address of this person.",
		Kept: map[string]string{
			"last_head":  "The person is the last who answers for this organisation. Give the role to somebody else first:",
			"money_due":  "Nobody else acts for this organisation, and money is not settled with it. Invite another owner, or pay out or write off what is due, and erase the person then:",
			"takes_part": "Nobody else acts for this organisation, and it takes part in programs. Invite another owner, or block its ad spaces, and erase the person then:",
		},
		LeftKeys: "Somebody who left knows API keys of yours", LeftKeysLead: "Whoever knows a key reads what its app may read, until the key ends. New keys replace them all; the old ones count for 24 hours more, so that you can change your programs. A key that nothing uses can be ended at once below.",
		ReplaceLeft: "New keys for these apps", KnownTo: "Known to", HasLeft: "has left",
	}
}

func privacyTurkish() Privacy {
	return Privacy{
		Mine:     "Hakkınızda saklananlar",
		MineLead: "Hepsi tek bir JSON dosyasında: burada kim olduğunuz, kimin adına çalıştığınız, nerede giriş yaptığınız, neyi kabul ettiğiniz, ne yazdığınız, size hangi e-postaların gönderildiği ve ne yaptığınız. Parolanız ve anahtarlarınız içinde değildir. Unutulmak isterseniz işletmeciye yazın.",
		Download: "İndir",
		Erase:    "Bu kişiyi sil",
		EraseLead: "Ad, e-posta adresi, parola, ikinci adım, geçiş anahtarları, oturumlar, bağlantılar ve bekleyen e-postalar silinir; ad ve adres destek kayıtlarından, dosyalardan ve denetim günlüğünden çıkarılır. " +
			"Kişinin yaptıkları ve her ödeme, kimseyi göstermeyen bir kimlikle kalır. Bu işlem geri alınamaz.",
		EraseAgain: "Kişinin e-posta adresi, bir kez daha", EraseAgainHint: "Kimse yanlışlıkla silinmesin diye.", EndKeys: "Kişinin bildiği API anahtarlarını bitir",
		Erased: "Kişi silindi.", Closed: "Artık kimsenin adına çalışmadığı kuruluşlar:",
		Other: "Bu, bu kişinin e-posta adresi değil.",
		Kept: map[string]string{
			"last_head":  "Kişi bu kuruluştan sorumlu son kişi. Önce rolü başka birine verin:",
			"money_due":  "Bu kuruluş adına başka kimse çalışmıyor ve onunla kapanmamış para var. Başka bir sahip davet edin ya da borcu ödeyin veya silin, sonra kişiyi silin:",
			"takes_part": "Bu kuruluş adına başka kimse çalışmıyor ve kuruluş programlarda yer alıyor. Başka bir sahip davet edin ya da reklam alanlarını engelleyin, sonra kişiyi silin:",
		},
		LeftKeys: "Ayrılan biri API anahtarlarınızı biliyor", LeftKeysLead: "Bir anahtarı bilen, anahtar bitene kadar uygulamasının okuyabildiğini okur. Yeni anahtarlar hepsinin yerine geçer; programlarınızı değiştirebilmeniz için eskiler 24 saat daha geçerlidir. Kullanılmayan bir anahtar aşağıda hemen bitirilebilir.",
		ReplaceLeft: "Bu uygulamalara yeni anahtarlar", KnownTo: "Bilen", HasLeft: "ayrıldı",
	}
}
