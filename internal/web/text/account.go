package text

// Account is what the pages say by which people come in and look after their accounts.
type Account struct {
	Settings, Members, Apps, Audit, People string // pages and parts
	Title                                  string // of an app, a member, an organisation

	SignUp, SignUpLead, SignIn, SignInLead, HaveAccount, NoAccount, Forgot string
	Organisation, Name, Email, Password, NewPassword, OldPassword, Code    string
	PasswordHint, CodeHint, OrganisationHint                               string

	LookInMail, LookInMailLead                 string // after a form that an e-mail follows
	CheckEmail, CheckEmailLead, CheckEmailDone string
	Factor, FactorLead                         string
	ForgotTitle, ForgotLead, ResetTitle        string
	ResetDone, Send, Save, Continue            string
	Confirm, ConfirmLead, ConfirmFactor        string
	Invitation, InvitationLead, Accept         string
	InvitationOther                            string
	Invited, InvitedBy, Joined                 string

	PasswordTitle, PasswordDone                    string
	FactorTitle, FactorOn, FactorOff, FactorStart  string
	FactorScan, FactorSecret, FactorTurnOn         string
	FactorRemove, FactorRenew, Recovery            string
	RecoveryLead                                   string
	Sessions, SessionsLead, This, Began, Seen      string
	Network, Browser, End, EndOthers, Unfinished   string
	ActFor, ActForLead, Act                        string
	Role, Since, Invite, InviteLead, Remove        string
	Change, Withdraw, Expires, HasFactor           string
	ProveFirst                                     string
	AppsLead, NewApp, Scopes, TrackingIDs          string
	TrackingIDsHint, MakeApp, Key, Keys, Secret    string
	SecretOnce, Rotate, RotateLead, RevokeKey      string
	RevokeApp, Revoked, Never, Made                string
	Rejected, RejectedLead, RejectedNone           string
	Call, Answered, Field, Reason, Fix             string
	App, Line, EventsRefused                       string
	AuditLead, At, Who, Action, Object, Via, Entry string
	PeopleLead, Find, FoundNone, Lock, Unlock      string
	LockedSince, LockLead, NewOrganisation         string
	NewOrganisationLead, Kind, StoresHint          string
	PublisherID, PublisherIDHint, Owner, Entered   string

	Wrong, Unchecked, Ticket, Limited string
	Vouched, NotVouched               string            // by a sign-in service
	Problems                          map[string]string // what is wrong with an input, by its code
	ScopeNames                        map[string]string
}

func accountEnglish() Account {
	return Account{
		Settings: "Settings", People: "People and organisations", Title: "Name", Members: "Members", Apps: "API apps", Audit: "Audit log",
		SignUp: "Sign up as a publisher", SignUpLead: "One account for your sites, channels and apps. You apply to programs afterwards.",
		SignIn: "Sign in", SignInLead: "With your e-mail address and your password.", HaveAccount: "You have an account? Sign in", NoAccount: "New here? Sign up as a publisher", Forgot: "Forgot the password?",
		Organisation: "Company or project", Name: "Your name", Email: "E-mail address", Password: "Password", NewPassword: "New password", OldPassword: "Password until now", Code: "Code",
		PasswordHint: "10 characters at least; several words that do not belong together are good.", CodeHint: "The six digits of your authenticator, or a recovery code.",
		OrganisationHint: "As it is to stand on your statements.",
		LookInMail:       "Look in your mailbox", LookInMailLead: "If the address is right, an e-mail is on its way. Open the link in it. It may take a minute; look among the unwanted ones too.",
		CheckEmail: "Confirm your e-mail address", CheckEmailLead: "One click, and your account is ready.", CheckEmailDone: "Your e-mail address is confirmed. You can sign in now.",
		Factor: "Second step", FactorLead: "Your password is right. Now the code of your authenticator.",
		ForgotTitle: "Set a new password", ForgotLead: "Enter your e-mail address. We send you a link to set a new password.", ResetTitle: "New password",
		ResetDone: "The new password is set. Sign in with it.", Send: "Send", Save: "Save", Continue: "Continue",
		Confirm: "Confirm that it is you", ConfirmLead: "What you are about to do concerns money, keys or people. Enter your password once more.",
		ConfirmFactor: "What you are about to do concerns money, keys or people. Enter a code of your authenticator.",
		Invitation:    "Invitation", InvitationLead: "You are invited to act for", Accept: "Accept", InvitationOther: "Sign in as the person who was invited, then open the link again:",
		Invited: "The invitation is on its way.", InvitedBy: "Invited", Joined: "You are a member now. Sign in.",
		PasswordTitle: "Password", PasswordDone: "The password is changed, and your other sessions are ended.",
		FactorTitle: "Second step when signing in", FactorOn: "It is on: after the password, a code of your authenticator is asked for.",
		FactorOff: "It is off. With it, nobody who learns your password gets in.", FactorStart: "Set up an authenticator", FactorScan: "Scan this with an authenticator, then enter the code that it shows.",
		FactorSecret: "Or type in this secret:", FactorTurnOn: "Turn on", FactorRemove: "Turn off", FactorRenew: "New recovery codes", Recovery: "Recovery codes",
		RecoveryLead: "Each signs you in once without the authenticator. Keep them where your telephone is not. They are not shown again.",
		Sessions:     "Where you are signed in", SessionsLead: "End what you do not know, and change your password.", This: "this one", Began: "Since", Seen: "Last used", Network: "Network", Browser: "Browser",
		End: "End", EndOthers: "End all others", Unfinished: "without the second step",
		ActFor: "Act for", ActForLead: "You are a member of several organisations.", Act: "Change",
		Role: "Role", Since: "Since", Invite: "Invite somebody", InviteLead: "An e-mail with a link goes to the address; it can be used for seven days.", Remove: "Remove", Change: "Change",
		Withdraw: "Take back", Expires: "Until", HasFactor: "Second step", ProveFirst: "To change something here, confirm first that it is you.",
		AppsLead: "Programs of yours that call the API. Each has keys of its own, so that one can be taken away without the others.", NewApp: "New app", Scopes: "It may",
		TrackingIDs: "Tracking IDs", TrackingIDsHint: "Those that its links may carry, one a line; none: any.", MakeApp: "Make the app", Key: "Key", Keys: "Keys", Secret: "Secret",
		SecretOnce: "This is the only time that the secret is shown. Copy it to where the app keeps it.", Rotate: "New key", RotateLead: "The old key counts for seven more days.",
		RevokeKey: "End now", RevokeApp: "Take the app away", Revoked: "Taken away", Never: "no end", Made: "Made",
		Rejected: "Rejected calls", RejectedLead: "Calls of your apps that were not done, or not in full, the newest hundred, with what to do about each. The reasons are those that the API answered.",
		RejectedNone: "Nothing was rejected in the last 90 days.", Call: "Call", Answered: "Answer", Field: "Field", Reason: "Reason", Fix: "What to do", App: "App", Line: "line",
		EventsRefused: "events refused",
		AuditLead:     "What people did, the newest first. Each entry holds the hash of the one before.", At: "At", Who: "Who", Action: "What", Object: "To what", Via: "By", Entry: "Entry",
		PeopleLead: "Look somebody up, keep somebody out, or enter a seller.", Find: "Look up", FoundNone: "Nobody has this e-mail address.", Lock: "Keep out", Unlock: "Let in again",
		LockedSince: "Kept out since", LockLead: "All sessions end, and nobody signs in to this account.", NewOrganisation: "Enter a seller or a publisher",
		NewOrganisationLead: "Its owner gets an invitation by e-mail. Publishers can also sign up themselves.", Kind: "Kind", StoresHint: "Of a seller: the ids of its stores, one a line.",
		PublisherID: "Publisher ID", PublisherIDHint: "Of a publisher: the id under which it stands in the books already.", Owner: "Owner's e-mail address",
		Entered: "It is entered, and the invitation is on its way.",
		Wrong:   "The e-mail address, the password or the code is not right.", Unchecked: "Open the link in the e-mail that we sent you first. We have sent it again.",
		Ticket: "This link has expired or was used already. Ask for a new one.", Limited: "Too many attempts. Try again in a few minutes.",
		Vouched: "Sign in with", NotVouched: "Signing in that way did not work. Try again, or sign in with your password.",
		Problems: map[string]string{
			"email": "This is not an e-mail address.", "empty": "Something must stand here.", "long": "This is too long.", "short": "This is too short: 10 characters at least.",
			"characters": "There are characters in it that cannot be used.", "common": "This password is one of those that are guessed first. Choose another one.", "unknown": "Choose one of those that are offered.",
			"member": "This person is a member already.", "often": "There were e-mails to this address just now. Try again later.", "last": "Somebody must be left who can manage members.",
			"many": "There are too many. Take one away first.", "there": "There is one already.", "taken": "Another organisation stands for this publisher.", "self": "You cannot do this to yourself.",
			"cursor": "This page of the list is not there.",
		},
		ScopeNames: map[string]string{
			"read": "read orders, balances and reports", "links:write": "make links", "orders:write": "report orders", "clicks:write": "report clicks", "facts:write": "enter programs, products, stores and rates",
			"payouts:write": "move money: payout runs and withdrawals", "cases:write": "work on trust cases, or answer and appeal", "stores:write": "change what sellers decide: taking part, rates, campaigns", "accounts:write": "manage members and apps",
		},
	}
}

func accountTurkish() Account {
	return Account{
		Settings: "Ayarlar", People: "Kişiler ve kuruluşlar", Title: "Ad", Members: "Üyeler", Apps: "API uygulamaları", Audit: "Denetim günlüğü",
		SignUp: "Yayıncı olarak kaydolun", SignUpLead: "Siteleriniz, kanallarınız ve uygulamalarınız için tek hesap. Programlara sonra başvurursunuz.",
		SignIn: "Giriş yapın", SignInLead: "E-posta adresiniz ve parolanızla.", HaveAccount: "Hesabınız var mı? Giriş yapın", NoAccount: "Yeni misiniz? Yayıncı olarak kaydolun", Forgot: "Parolanızı mı unuttunuz?",
		Organisation: "Şirket veya proje", Name: "Adınız", Email: "E-posta adresi", Password: "Parola", NewPassword: "Yeni parola", OldPassword: "Şimdiki parola", Code: "Kod",
		PasswordHint: "En az 10 karakter; birbiriyle ilgisiz birkaç kelime iyidir.", CodeHint: "Doğrulama uygulamanızdaki altı hane veya bir kurtarma kodu.",
		OrganisationHint: "Hesap özetlerinizde görüneceği gibi.",
		LookInMail:       "Posta kutunuza bakın", LookInMailLead: "Adres doğruysa bir e-posta yolda. İçindeki bağlantıyı açın. Bir dakika sürebilir; istenmeyenlere de bakın.",
		CheckEmail: "E-posta adresinizi doğrulayın", CheckEmailLead: "Bir tıklamayla hesabınız hazır.", CheckEmailDone: "E-posta adresiniz doğrulandı. Artık giriş yapabilirsiniz.",
		Factor: "İkinci adım", FactorLead: "Parolanız doğru. Şimdi doğrulama uygulamanızdaki kod.",
		ForgotTitle: "Yeni parola belirleyin", ForgotLead: "E-posta adresinizi girin. Yeni parola belirlemeniz için bir bağlantı göndeririz.", ResetTitle: "Yeni parola",
		ResetDone: "Yeni parola belirlendi. Onunla giriş yapın.", Send: "Gönder", Save: "Kaydet", Continue: "Devam",
		Confirm: "Siz olduğunuzu doğrulayın", ConfirmLead: "Yapmak üzere olduğunuz işlem para, anahtar veya kişilerle ilgili. Parolanızı bir kez daha girin.",
		ConfirmFactor: "Yapmak üzere olduğunuz işlem para, anahtar veya kişilerle ilgili. Doğrulama uygulamanızdan bir kod girin.",
		Invitation:    "Davet", InvitationLead: "Şunun adına çalışmaya davet edildiniz:", Accept: "Kabul et", InvitationOther: "Davet edilen kişi olarak giriş yapın, sonra bağlantıyı yeniden açın:",
		Invited: "Davet yolda.", InvitedBy: "Davet edildi", Joined: "Artık üyesiniz. Giriş yapın.",
		PasswordTitle: "Parola", PasswordDone: "Parola değiştirildi ve diğer oturumlarınız kapatıldı.",
		FactorTitle: "Girişte ikinci adım", FactorOn: "Açık: paroladan sonra doğrulama uygulamanızdaki kod sorulur.",
		FactorOff: "Kapalı. Açık olduğunda parolanızı öğrenen kimse giremez.", FactorStart: "Doğrulama uygulaması kurun", FactorScan: "Bunu doğrulama uygulamanızla tarayın, sonra gösterdiği kodu girin.",
		FactorSecret: "Veya bu gizli anahtarı yazın:", FactorTurnOn: "Aç", FactorRemove: "Kapat", FactorRenew: "Yeni kurtarma kodları", Recovery: "Kurtarma kodları",
		RecoveryLead: "Her biri uygulama olmadan bir kez giriş sağlar. Telefonunuzdan ayrı bir yerde saklayın. Bir daha gösterilmezler.",
		Sessions:     "Giriş yaptığınız yerler", SessionsLead: "Tanımadığınızı kapatın ve parolanızı değiştirin.", This: "bu oturum", Began: "Başlangıç", Seen: "Son kullanım", Network: "Ağ", Browser: "Tarayıcı",
		End: "Kapat", EndOthers: "Diğerlerini kapat", Unfinished: "ikinci adım yok",
		ActFor: "Adına çalışın", ActForLead: "Birden çok kuruluşun üyesisiniz.", Act: "Değiştir",
		Role: "Rol", Since: "Başlangıç", Invite: "Birini davet edin", InviteLead: "Adrese bağlantılı bir e-posta gider; yedi gün kullanılabilir.", Remove: "Çıkar", Change: "Değiştir",
		Withdraw: "Geri al", Expires: "Bitiş", HasFactor: "İkinci adım", ProveFirst: "Burada bir şey değiştirmek için önce siz olduğunuzu doğrulayın.",
		AppsLead: "API'yi çağıran programlarınız. Her birinin kendi anahtarları vardır; biri diğerleri etkilenmeden kaldırılabilir.", NewApp: "Yeni uygulama", Scopes: "İzinleri",
		TrackingIDs: "İzleme kimlikleri", TrackingIDsHint: "Bağlantılarının taşıyabileceği kimlikler, her satıra bir tane; boşsa hepsi.", MakeApp: "Uygulamayı oluştur", Key: "Anahtar", Keys: "Anahtarlar", Secret: "Gizli anahtar",
		SecretOnce: "Gizli anahtar yalnızca şimdi gösterilir. Uygulamanın sakladığı yere kopyalayın.", Rotate: "Yeni anahtar", RotateLead: "Eski anahtar yedi gün daha geçerlidir.",
		RevokeKey: "Şimdi bitir", RevokeApp: "Uygulamayı kaldır", Revoked: "Kaldırıldı", Never: "süresiz", Made: "Oluşturuldu",
		Rejected: "Reddedilen çağrılar", RejectedLead: "Uygulamalarınızın yapılmayan ya da eksik yapılan çağrıları: en yeni yüz tanesi ve her biri için ne yapılacağı. Nedenler API'nin verdiği yanıtlardır.",
		RejectedNone: "Son 90 günde hiçbir çağrı reddedilmedi.", Call: "Çağrı", Answered: "Yanıt", Field: "Alan", Reason: "Neden", Fix: "Ne yapmalı", App: "Uygulama", Line: "satır",
		EventsRefused: "olay reddedildi",
		AuditLead:     "Kişilerin yaptıkları, en yenisi üstte. Her kayıt bir öncekinin özetini taşır.", At: "Zaman", Who: "Kim", Action: "Ne", Object: "Neye", Via: "Nasıl", Entry: "Kayıt",
		PeopleLead: "Birini arayın, girişini engelleyin veya bir satıcı girin.", Find: "Ara", FoundNone: "Bu e-posta adresi kimsenin değil.", Lock: "Girişi engelle", Unlock: "Girişe izin ver",
		LockedSince: "Engellendi:", LockLead: "Tüm oturumlar kapanır ve bu hesaba kimse giremez.", NewOrganisation: "Satıcı veya yayıncı girin",
		NewOrganisationLead: "Sahibine e-postayla davet gider. Yayıncılar kendileri de kaydolabilir.", Kind: "Tür", StoresHint: "Satıcı için: mağaza kimlikleri, her satıra bir tane.",
		PublisherID: "Yayıncı kimliği", PublisherIDHint: "Yayıncı için: defterlerde zaten geçen kimlik.", Owner: "Sahibin e-posta adresi",
		Entered: "Girildi, davet yolda.",
		Wrong:   "E-posta adresi, parola veya kod doğru değil.", Unchecked: "Önce size gönderdiğimiz e-postadaki bağlantıyı açın. Yeniden gönderdik.",
		Ticket: "Bu bağlantının süresi dolmuş veya kullanılmış. Yenisini isteyin.", Limited: "Çok fazla deneme. Birkaç dakika sonra yeniden deneyin.",
		Vouched: "Şununla giriş yapın:", NotVouched: "Bu yolla giriş yapılamadı. Yeniden deneyin veya parolanızla giriş yapın.",
		Problems: map[string]string{
			"email": "Bu bir e-posta adresi değil.", "empty": "Burası boş bırakılamaz.", "long": "Bu çok uzun.", "short": "Bu çok kısa: en az 10 karakter.",
			"characters": "Kullanılamayan karakterler içeriyor.", "common": "Bu parola ilk tahmin edilenlerden. Başka bir parola seçin.", "unknown": "Sunulanlardan birini seçin.",
			"member": "Bu kişi zaten üye.", "often": "Bu adrese az önce e-posta gönderildi. Daha sonra yeniden deneyin.", "last": "Üyeleri yönetebilen biri kalmalı.",
			"many": "Çok fazla var. Önce birini kaldırın.", "there": "Zaten bir tane var.", "taken": "Bu yayıncı adına başka bir kuruluş var.", "self": "Bunu kendinize yapamazsınız.",
			"cursor": "Listenin bu sayfası yok.",
		},
		ScopeNames: map[string]string{
			"read": "siparişleri, bakiyeleri ve raporları okuma", "links:write": "bağlantı oluşturma", "orders:write": "sipariş bildirme", "clicks:write": "tıklama bildirme", "facts:write": "program, ürün, mağaza ve oran girme",
			"payouts:write": "para hareketi: ödeme turları ve çekimler", "cases:write": "güven dosyalarında çalışma ya da yanıt verme ve itiraz etme", "stores:write": "satıcı kararlarını değiştirme: katılım, oranlar, kampanyalar", "accounts:write": "üyeleri ve uygulamaları yönetme",
		},
	}
}
