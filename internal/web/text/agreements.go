package text

// Agreements are the pages of what people agree to, of payout details and of the audit log.
type Agreements struct {
	Proposals, ProposalsLead, NoProposals, Proposal, Propose, Proposed, Alone, Why, WhyHint string
	Approve, Reject, TakeBack, Own, Decision, DecisionHint, DecidedBy, Stale, ProposedBy    string
	Given, Seeing                                                                           string
	States                                                                                  map[string]string

	Details, DetailsLead, NoDetails, Method, Country, CountryHint, Holder, IBAN, BIC, PayEmail string
	Street, PostCode, Town, Change, Changed, Frozen, FreezeLead, Save                          string

	Terms, TermsLead, TermsVersion, Agree, AgreedTo, WhichTerms, NewTerms, NewTermsLead, BySigningUp string

	Log, LogLead, Whole, Broken, Newest, CheckNow, From, To, Before, After, Reason, Export, ActionHint string
}

func agreementsEnglish() Agreements {
	return Agreements{
		Proposals: "Proposals", ProposalsLead: "Program documents that somebody wants to publish. Another person decides each.", NoProposals: "Nothing waits for a decision", Proposal: "Proposal",
		Propose: "Propose", Proposed: "It is proposed. Somebody else who may edit programs decides it.",
		Alone: "Here one person publishes alone: the server runs with --one-person. With a colleague, start it without.",
		Why:   "Why", WhyHint: "Whoever decides reads it, and it stands in the audit log.", Approve: "Approve and publish", Reject: "Reject", TakeBack: "Take it back",
		Own: "This is your own proposal. Somebody else decides it.", Decision: "Your decision", DecisionHint: "Why. To reject, say what should be otherwise.", DecidedBy: "Decided by",
		Stale: "It cannot be published any more.", ProposedBy: "Proposed by", Given: "Reason", Seeing: "See the proposal",
		States:  map[string]string{"open": "Waits", "approved": "Approved", "rejected": "Rejected", "withdrawn": "Taken back"},
		Details: "Payout details", DetailsLead: "Where your money goes.", NoDetails: "Nothing is entered yet, so nothing can be paid.", Method: "How you are paid",
		Country: "Country", CountryHint: "Two letters, such as TR or DE.", Holder: "Account holder", IBAN: "IBAN", BIC: "BIC", PayEmail: "E-mail address at PayPal",
		Street: "Street and number", PostCode: "Postal code", Town: "Town", Change: "Change", Changed: "Last changed", Frozen: "Nothing is paid before",
		FreezeLead: "After a change nothing is paid for 72 hours, and the old and the new address are told by e-mail: so nobody who gets into your account empties it.", Save: "Save",
		Terms: "Terms", TermsLead: "What publishers agree to with the operator.", TermsVersion: "Version", Agree: "I agree", AgreedTo: "What was agreed to", WhichTerms: "Terms of",
		NewTerms: "Publish a new version", NewTermsLead: "Publishers are asked at their next sign-in. What they agreed to before is kept.", BySigningUp: "By signing up you agree to these terms",
		Log: "Audit log", LogLead: "What people did, the newest first. Each entry holds the hash of the one before.", Whole: "The chain holds: no entry was altered, taken out or put in between. Entries: ",
		Broken: "The chain is broken at entry ", Newest: "Newest hash; kept elsewhere, it shows later that nothing was cut off:", CheckNow: "Check again", From: "From", To: "To (inclusive)",
		Before: "Before", After: "After", Reason: "Why", Export: "Download as CSV", ActionHint: "Such as payout.approved; payout. for all that begin so.",
	}
}

func agreementsTurkish() Agreements {
	return Agreements{
		Proposals: "Öneriler", ProposalsLead: "Yayımlanmak istenen program belgeleri. Her birine başka bir kişi karar verir.", NoProposals: "Karar bekleyen bir şey yok", Proposal: "Öneri",
		Propose: "Öner", Proposed: "Önerildi. Programları düzenleyebilen başka biri karar verecek.",
		Alone: "Burada tek kişi yayımlıyor: sunucu --one-person ile çalışıyor. Bir iş arkadaşınız varsa onsuz başlatın.",
		Why:   "Neden", WhyHint: "Karar veren okur; denetim günlüğünde kalır.", Approve: "Onayla ve yayımla", Reject: "Reddet", TakeBack: "Geri al",
		Own: "Bu sizin öneriniz. Kararı başka biri verir.", Decision: "Kararınız", DecisionHint: "Nedeni. Reddederken neyin başka olması gerektiğini yazın.", DecidedBy: "Karar veren",
		Stale: "Artık yayımlanamaz.", ProposedBy: "Öneren", Given: "Gerekçe", Seeing: "Öneriye bak",
		States:  map[string]string{"open": "Bekliyor", "approved": "Onaylandı", "rejected": "Reddedildi", "withdrawn": "Geri alındı"},
		Details: "Ödeme bilgileri", DetailsLead: "Paranızın gideceği yer.", NoDetails: "Henüz bir şey girilmedi, bu yüzden ödeme yapılamaz.", Method: "Ödeme yöntemi",
		Country: "Ülke", CountryHint: "İki harf, örneğin TR veya DE.", Holder: "Hesap sahibi", IBAN: "IBAN numarası", BIC: "BIC kodu", PayEmail: "PayPal e-posta adresi",
		Street: "Sokak ve numara", PostCode: "Posta kodu", Town: "Şehir", Change: "Değiştir", Changed: "Son değişiklik", Frozen: "Şu zamandan önce ödeme yapılmaz:",
		FreezeLead: "Bir değişiklikten sonra 72 saat ödeme yapılmaz; eski ve yeni adrese e-posta gider. Böylece hesabınıza giren biri onu boşaltamaz.", Save: "Kaydet",
		Terms: "Koşullar", TermsLead: "Yayıncıların işletmeciyle anlaştığı koşullar.", TermsVersion: "Sürüm", Agree: "Kabul ediyorum", AgreedTo: "Kabul edilenler", WhichTerms: "Hangi koşullar",
		NewTerms: "Yeni sürüm yayımla", NewTermsLead: "Yayıncılara bir sonraki girişlerinde sorulur. Önceden kabul ettikleri saklanır.", BySigningUp: "Kaydolarak bu koşulları kabul edersiniz",
		Log: "Denetim günlüğü", LogLead: "Kişilerin yaptıkları, en yenisi önce. Her kayıt bir öncekinin özetini taşır.", Whole: "Zincir sağlam: hiçbir kayıt değiştirilmedi, çıkarılmadı, araya sokulmadı. Kayıt sayısı: ",
		Broken: "Zincirin koptuğu kayıt: ", Newest: "En yeni özet; başka yerde saklanırsa sonradan bir şeyin kesilmediğini gösterir:", CheckNow: "Yeniden denetle", From: "Başlangıç", To: "Bitiş (dahil)",
		Before: "Önce", After: "Sonra", Reason: "Neden", Export: "CSV indir", ActionHint: "Örneğin payout.approved; payout. ile başlayanların hepsi.",
	}
}
