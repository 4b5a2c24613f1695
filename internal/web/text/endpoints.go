package text

import "fmt"

// Endpoints are the pages of postbacks and webhooks.
type Endpoints struct {
	Title, Lead, Empty, EmptyHint, Name, NameHint, Kind, KindHint, Address, AddressHint, Last, Enter, Preview, Becomes      string
	Events, EventsHint, Macros, Macro, Example, SecretOnce, GoneWhy, Do, Test, TestHint, TurnOn, TurnOff                    string
	Rotate, RotateHint, Since, SinceHint, Replay, WhichTime, Settings, Save, Remove, RemoveHint, Changed, Tested, SentAgain string
	Log, LogEmpty, LogHint, When, Event, About, Attempts, Answer, Next, Again                                               string
	Replayed                                                                                                                func(n int64) string
	Kinds, States, Results, Happened                                                                                        map[string]string
}

func endpointsEnglish() Endpoints {
	return Endpoints{
		Title: "Postbacks and webhooks", Lead: "Your own systems are told of everything that happens to your orders and payouts, as it happens.",
		Empty: "Nothing is told to your systems yet", EmptyHint: "Enter an address below.", Name: "Name", NameHint: "Small letters, digits and hyphens, such as tracker. It never changes.",
		Kind: "Kind", KindHint: "A postback is a GET of an address with macros; a webhook is a signed POST of JSON.", Address: "Address", AddressHint: "Begins with https://. In a postback, macros such as {order} may stand behind the host.",
		Last: "Last message", Enter: "Enter an endpoint", Preview: "Show what the address becomes", Becomes: "For the example, this is called:",
		Events: "Events", EventsHint: "Choose those that it gets. Choose none to get them all, also those that are added later.", Macros: "All macros, with an example", Macro: "Macro", Example: "Example",
		SecretOnce: "This is the secret that messages are signed with. It is shown this once: copy it now.", GoneWhy: "It answered 410, so it wants no more and was turned off. Turn it on when it is ready again.",
		Do: "Try it and send again", Test: "Send a test", TestHint: "A test has the event test and the amount 0.00. It is sent at once, as all others are; look for it in the log.", TurnOn: "Turn on", TurnOff: "Turn off",
		Rotate: "Make a new secret", RotateHint: "Messages are signed with the new and the old secret until you make the next one, so nothing is missed while you change it.",
		Since: "Send everything again since (UTC)", SinceHint: "Messages keep their ids: a system that keeps the ids it has seen counts nothing twice.", Replay: "Send again", WhichTime: "Say since when, as date and time.",
		Settings: "Settings", Save: "Save", Remove: "Remove this endpoint", RemoveHint: "It gets nothing more, and its secret is gone. What waits for it is given up.",
		Changed: "Saved.", Tested: "A test is on its way. Load the page again to see what was answered.", SentAgain: "The message is on its way again.",
		Log: "Log", LogEmpty: "No messages", LogHint: "They appear here as soon as something happens, or when you send a test.", When: "When (UTC)", Event: "Event", About: "Order or payout", Attempts: "Attempts", Answer: "Answer",
		Next: "Next attempt", Again: "Send again",
		Replayed: func(n int64) string {
			if n == 1 {
				return "One message is on its way again."
			}
			return fmt.Sprintf("%d messages are on their way again.", n)
		},
		Kinds:   map[string]string{"postback": "Postback", "webhook": "Webhook"},
		States:  map[string]string{"on": "On", "off": "Off", "gone": "Wants no more"},
		Results: map[string]string{"waiting": "Waits", "delivered": "Delivered", "failed": "Given up"},
		Happened: map[string]string{
			"action.created": "an item of an order is yours", "action.changed": "its amount changed", "action.pending": "it was completed and waits for the approval", "action.approved": "its commission was approved",
			"action.declined": "it earns nothing", "action.reversed": "an approved commission was taken back, as a whole or in part", "action.lost": "it is somebody else's now",
			"payout.paid": "a payout arrived", "payout.returned": "the bank refused a payout or sent it back",
		},
	}
}

func endpointsTurkish() Endpoints {
	return Endpoints{
		Title: "Geri bildirimler ve web kancaları", Lead: "Siparişlerinize ve ödemelerinize ne olursa, olduğu anda kendi sistemlerinize bildirilir.",
		Empty: "Sistemlerinize henüz bir şey bildirilmiyor", EmptyHint: "Aşağıya bir adres girin.", Name: "Ad", NameHint: "Küçük harf, rakam ve tire, örneğin tracker. Hiç değişmez.",
		Kind: "Tür", KindHint: "Geri bildirim, makrolu bir adrese GET çağrısıdır; web kancası, JSON içeren imzalı bir POST çağrısıdır.", Address: "Adres", AddressHint: "https:// ile başlar. Geri bildirimde {order} gibi makrolar sunucu adından sonra yer alabilir.",
		Last: "Son ileti", Enter: "Uç nokta ekle", Preview: "Adresin neye dönüştüğünü göster", Becomes: "Örnek için çağrılan adres:",
		Events: "Olaylar", EventsHint: "Alacağı olayları seçin. Hiçbirini seçmezseniz, sonradan eklenenler dahil hepsini alır.", Macros: "Tüm makrolar, örnekle", Macro: "Makro", Example: "Örnek",
		SecretOnce: "İletiler bu anahtarla imzalanır. Yalnızca bu kez gösterilir: şimdi kopyalayın.", GoneWhy: "410 yanıtı verdi; artık ileti istemediği için kapatıldı. Yeniden hazır olunca açın.",
		Do: "Deneyin ve yeniden gönderin", Test: "Deneme gönder", TestHint: "Denemenin olayı test, tutarı 0.00'dır. Diğerleri gibi hemen gönderilir; kayıtta görürsünüz.", TurnOn: "Aç", TurnOff: "Kapat",
		Rotate: "Yeni anahtar oluştur", RotateHint: "Bir sonrakini oluşturana dek iletiler yeni ve eski anahtarla imzalanır; değiştirirken hiçbir şey kaçmaz.",
		Since: "Şu andan beri her şeyi yeniden gönder (UTC)", SinceHint: "İletilerin kimliği değişmez: gördüğü kimlikleri saklayan sistem hiçbir şeyi iki kez saymaz.", Replay: "Yeniden yolla", WhichTime: "Tarih ve saat olarak ne zamandan beri olduğunu yazın.",
		Settings: "Ayarlar", Save: "Kaydet", Remove: "Bu uç noktayı kaldır", RemoveHint: "Artık hiçbir şey almaz, anahtarı silinir. Onu bekleyen iletilerden vazgeçilir.",
		Changed: "Kaydedildi.", Tested: "Deneme yolda. Yanıtı görmek için sayfayı yenileyin.", SentAgain: "İleti yeniden yolda.",
		Log: "Kayıt", LogEmpty: "İleti yok", LogHint: "Bir şey olunca ya da deneme gönderince burada görünür.", When: "Zaman (UTC)", Event: "Olay", About: "Sipariş ya da ödeme", Attempts: "Deneme sayısı", Answer: "Yanıt",
		Next: "Sonraki deneme", Again: "Yeniden gönder",
		Replayed: func(n int64) string { return fmt.Sprintf("%d ileti yeniden yolda.", n) },
		Kinds:    map[string]string{"postback": "Geri bildirim", "webhook": "Web kancası"},
		States:   map[string]string{"on": "Açık", "off": "Kapalı", "gone": "Artık istemiyor"},
		Results:  map[string]string{"waiting": "Bekliyor", "delivered": "Ulaştı", "failed": "Vazgeçildi"},
		Happened: map[string]string{
			"action.created": "bir sipariş kalemi sizin oldu", "action.changed": "tutarı değişti", "action.pending": "tamamlandı, onay bekliyor", "action.approved": "komisyonu onaylandı",
			"action.declined": "bir şey kazandırmıyor", "action.reversed": "onaylanmış komisyon tümüyle ya da kısmen geri alındı", "action.lost": "artık başkasının",
			"payout.paid": "ödeme ulaştı", "payout.returned": "banka ödemeyi reddetti ya da geri yolladı",
		},
	}
}
