package text

// Passkeys is what the pages say of passkeys.
type Passkeys struct {
	Title, Lead, None, Name, NameHint, Add, AddLead, Remove, Made, Used, NotYet, Synced, OneDevice string
	NotHere                                                                                        string // where the pages have no name, or no HTTPS
	SignIn, SignInLead, Factor, FactorLead, Prove, ProveLead                                       string
	Ask, NoScript, Unable, Refused, Wrong, Unverified                                              string
	Added, Removed                                                                                 string
}

func passkeysEnglish() Passkeys {
	return Passkeys{
		Title: "Passkeys", Lead: "With a passkey you sign in by the finger, face or PIN of your device: nothing to remember, and nothing that a copied page could ask you for.",
		None: "You have none yet.", Name: "Name of the passkey", NameHint: "By which you know it again, such as the device.", Add: "Add a passkey", AddLead: "Your browser asks where the passkey is to be kept.",
		Remove: "Remove", Made: "Made", Used: "Last used", NotYet: "not yet", Synced: "on several devices", OneDevice: "on one device",
		NotHere: "Passkeys work once these pages have an address with a name and HTTPS; the operator sets it with --public-url.",
		SignIn:  "Sign in with a passkey", SignInLead: "Your browser asks which passkey to use.",
		Factor: "Use a passkey", FactorLead: "Your password is right. Now one of your passkeys.",
		Prove: "Confirm with a passkey", ProveLead: "What you are about to do concerns money, keys or people. Your device checks that it is you.",
		Ask: "Ask again", NoScript: "Browsers use passkeys by JavaScript only, and it is off. Turn it on for these pages, or go back and use your password and the code of your authenticator.",
		Unable: "This browser cannot use passkeys. Go back and use your password and the code of your authenticator.", Refused: "Nothing came back from your device. Ask again, or go back.",
		Wrong:      "The passkey was not accepted: the question was answered already or is too old, or it is not one of yours. Try again.",
		Unverified: "Your device did not check that it is you, and your account asks for a second step. Turn on the PIN, finger or face of the device, or sign in with your password.",
		Added:      "The passkey is added. An e-mail tells of it.", Removed: "The passkey is removed. An e-mail tells of it.",
	}
}

func passkeysTurkish() Passkeys {
	return Passkeys{
		Title: "Geçiş anahtarları", Lead: "Geçiş anahtarıyla cihazınızın parmak izi, yüz tanıma veya PIN koduyla giriş yaparsınız: akılda tutulacak bir şey yoktur, taklit bir sayfa da sizden bir şey isteyemez.",
		None: "Henüz yok.", Name: "Geçiş anahtarının adı", NameHint: "Sonra tanıyabileceğiniz bir ad, örneğin cihazın adı.", Add: "Geçiş anahtarı ekle", AddLead: "Tarayıcınız anahtarın nerede saklanacağını sorar.",
		Remove: "Kaldır", Made: "Eklendi", Used: "Son kullanım", NotYet: "henüz yok", Synced: "birden çok cihazda", OneDevice: "tek cihazda",
		NotHere: "Geçiş anahtarları, bu sayfaların HTTPS ile adı olan bir adresi olunca çalışır; işletmeci bunu --public-url ile belirler.",
		SignIn:  "Geçiş anahtarıyla giriş yapın", SignInLead: "Tarayıcınız hangi geçiş anahtarının kullanılacağını sorar.",
		Factor: "Geçiş anahtarı kullanın", FactorLead: "Parolanız doğru. Şimdi geçiş anahtarlarınızdan biri.",
		Prove: "Geçiş anahtarıyla doğrulayın", ProveLead: "Yapmak üzere olduğunuz işlem para, anahtar veya kişilerle ilgili. Cihazınız siz olduğunuzu denetler.",
		Ask: "Yeniden sor", NoScript: "Tarayıcılar geçiş anahtarlarını yalnızca JavaScript ile kullanır ve o kapalı. Bu sayfalar için açın ya da geri dönüp parolanızı ve doğrulama uygulamanızdaki kodu kullanın.",
		Unable: "Bu tarayıcı geçiş anahtarı kullanamıyor. Geri dönüp parolanızı ve doğrulama uygulamanızdaki kodu kullanın.", Refused: "Cihazınızdan yanıt gelmedi. Yeniden sorun veya geri dönün.",
		Wrong:      "Geçiş anahtarı kabul edilmedi: soru zaten yanıtlanmış veya eskimiş ya da anahtar sizin değil. Yeniden deneyin.",
		Unverified: "Cihazınız siz olduğunuzu denetlemedi; hesabınız ise ikinci bir adım istiyor. Cihazın PIN, parmak izi veya yüz tanımasını açın ya da parolanızla giriş yapın.",
		Added:      "Geçiş anahtarı eklendi. Bunu bildiren bir e-posta yolda.", Removed: "Geçiş anahtarı kaldırıldı. Bunu bildiren bir e-posta yolda.",
	}
}
