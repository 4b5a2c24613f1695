package explain

// The sentences. A part in braces is a value; a part that names an absent value is left out.

var english = phrasebook{
	sentences: map[string][]string{
		"program":            {"Decided by version {version} of program {program}, in force from {in_force_from}."},
		"candidate":          {"Click {click} of publisher {publisher} at {at}, on a {link} link", " for product {product}", ": {fate}", " ({verdict})", ".", " Its window is measured from {window_from}.", " It counts until {window_until}."},
		"other_channel":      {"Visit {click} through {channel} at {at}: {fate}."},
		"competing_click":    {"A click of another publisher at {at}: {fate}", " ({verdict})", ".", " Its window is measured from {window_from}.", " It counts until {window_until}."},
		"competing_visit":    {"A visit through {channel} at {at}: {fate}."},
		"won_by_other":       {"Another publisher wins."},
		"won_by_click":       {"Won by click {click} of publisher {publisher} (ad space {ad_space}, {traffic_type})", " with rank {rank}", "."},
		"won_by_coupon":      {"Won by coupon code {coupon}, which is tied to ad space {ad_space} of publisher {publisher}."},
		"nobody_won":         {"Nobody earns: {reason}."},
		"base":               {"The base is {base} {currency}: the price of {price}", ", less {coupon} paid by coupon", ", less {refunded} refunded", "; the item {nothing_because}", "."},
		"rule_passed":        {"Rule “{rule}” was tried and does not apply."},
		"rule":               {"Rule “{rule}” applies: {percent} %", ", of which {points} points are for the sale event {event}", ".", " The ad space was under traffic check until {traffic_check_until}."},
		"exchange":           {"1 {from} = {rate} {to}, the rate of {day}."},
		"amount":             {"That makes {amount} {currency}, rounded once, {rounding}."},
		"uplift_cap":         {"A new buyer may bring at most {cap} more than an old one in an order; this order would bring {order_uplift} more, so {taken_off} is taken off (an old buyer would earn {old_amount} at {old_percent} %)."},
		"order_cap":          {"An order earns at most {cap}; this one would earn {order_amount}, so {taken_off} is taken off here."},
		"uplift_cut":         {"A new buyer may bring at most {cap} more than an old one in an order, so {taken_off} is taken off here."},
		"order_cut":          {"An order earns at most {cap}, so {taken_off} is taken off here."},
		"fraud_hold":         {"Case {case} has kept it back since {since}", ", for {category}", "."},
		"deducted_by_case":   {"Case {case} took it back on {at}."},
		"restored_on_appeal": {"Case {case} gave it back on appeal on {at}."},
		"state":              {"State: {state}", " because {reason}", " since {since}", ". Earns {earns} {currency}.", " Evidence: {evidence}.", " The limit was {limit}.", " The buyer must pay until {pay_until}.", " It is approved on {approved_from}, if nothing changes.", " The buyer must confirm receipt until {complete_until}."},
	},
	words: map[string]map[string]string{
		"fate": {
			"won": "wins", "outranked": "another click wins", "invalid_click": "it is not valid", "not_joined": "its ad space had not joined the program, or was blocked",
			"window": "it is too old", "restricted": "its traffic type may not win this item", "other_channel": "a later paid visit through another channel displaces it",
			"after_order": "it is later than the order", "unpaid_channel": "not paid, so it does not count", "other_channel_paid": "paid, and in the window", "other_channel_old": "does not count, it is too old or not valid",
		},
		"reason": {
			"no_click": "there was no click", "invalid_click": "the click is not valid", "not_joined": "the ad space had not joined the program, or was blocked", "window": "the click is too old",
			"restricted": "the traffic type may not win this item", "other_channel": "a later paid visit through another channel displaces the click",
			"fraud": "the order was found fraudulent", "cancelled": "it was cancelled", "refunded": "it was refunded in full", "completed_late": "receipt was confirmed too late", "not_completed": "receipt was not confirmed in time",
		},
		"verdict": {
			"bot": "a bot", "duplicate": "a repeated click", "forbidden_traffic": "forbidden traffic", "cookie_stuffing": "cookie stuffing", "blocked": "a blocked publisher", "fraud": "fraud",
		},
		"rule": {
			"out_of_stock": "out of stock", "virtual": "virtual product", "store_list:": "store list %s", "store_list": "store list", "market:": "market %s", "market": "market", "non_affiliate": "non-affiliate product",
			"hot": "hot product", "campaign": "seller's campaign", "seller_rate": "seller's rate", "new_buyer": "new buyer", "category": "category", "default": "all other products",
		},
		"category": {
			"cookie_stuffing": "cookie stuffing", "bots": "clicks of machines", "self_purchase": "purchases by the publisher or friends", "incentive": "incentive traffic", "brand_bidding": "brand bidding",
			"misleading": "misleading advertising", "hijacking": "hijacked visits", "account": "doubts about who the publisher is", "critical_traffic": "critical traffic", "other": "another reason",
		},
		"nothing_because": {"cancelled": "was cancelled", "out_of_stock": "was out of stock"},
		"rounding":        {"half_even": "half to even"},
	},
}

var turkish = phrasebook{
	sentences: map[string][]string{
		"program":            {"Karar, {program} programının {in_force_from} tarihinden beri geçerli olan {version}. sürümüne göre verildi."},
		"candidate":          {"{publisher} yayıncısının {at} tarihli {click} tıklaması ({link} bağlantısı", ", ürün {product}", "): {fate}", " ({verdict})", ".", " Süre {window_from} anından ölçülür.", " {window_until} anına kadar geçerlidir."},
		"other_channel":      {"{channel} kanalından {at} tarihli {click} ziyareti: {fate}."},
		"competing_click":    {"Başka bir yayıncının {at} tarihli tıklaması: {fate}", " ({verdict})", ".", " Süre {window_from} anından ölçülür.", " {window_until} anına kadar geçerlidir."},
		"competing_visit":    {"{channel} kanalından {at} tarihli bir ziyaret: {fate}."},
		"won_by_other":       {"Başka bir yayıncı kazanıyor."},
		"won_by_click":       {"Kazanan: {publisher} yayıncısının {click} tıklaması (reklam alanı {ad_space}, {traffic_type})", ", sıra {rank}", "."},
		"won_by_coupon":      {"Kazanan: {publisher} yayıncısının {ad_space} reklam alanına bağlı {coupon} kupon kodu."},
		"nobody_won":         {"Kimse kazanmıyor: {reason}."},
		"base":               {"Matrah {base} {currency}: fiyat {price}", ", kuponla ödenen {coupon} düşüldü", ", iade edilen {refunded} düşüldü", "; ürün {nothing_because}", "."},
		"rule_passed":        {"“{rule}” kuralı denendi, uygulanmıyor."},
		"rule":               {"“{rule}” kuralı uygulanıyor: %{percent}", ", bunun {points} puanı {event} kampanyası için", ".", " Reklam alanı {traffic_check_until} anına kadar trafik kontrolündeydi."},
		"exchange":           {"1 {from} = {rate} {to}, {day} günü kuru."},
		"amount":             {"Sonuç {amount} {currency}, bir kez yuvarlandı, {rounding}."},
		"uplift_cap":         {"Yeni alıcı bir siparişte eski alıcıdan en çok {cap} fazla kazandırabilir; bu sipariş {order_uplift} fazla kazandıracaktı, {taken_off} düşüldü (eski alıcı %{old_percent} ile {old_amount} kazandırırdı)."},
		"order_cap":          {"Bir sipariş en çok {cap} kazandırır; bu sipariş {order_amount} kazandıracaktı, buradan {taken_off} düşüldü."},
		"uplift_cut":         {"Yeni alıcı bir siparişte eski alıcıdan en çok {cap} fazla kazandırabilir; buradan {taken_off} düşüldü."},
		"order_cut":          {"Bir sipariş en çok {cap} kazandırır; buradan {taken_off} düşüldü."},
		"fraud_hold":         {"{case} incelemesi {since} tarihinden beri tutuyor", ", konu: {category}", "."},
		"deducted_by_case":   {"{case} incelemesi {at} tarihinde geri aldı."},
		"restored_on_appeal": {"{case} incelemesi itiraz üzerine {at} tarihinde geri verdi."},
		"state":              {"Durum: {state}", ", neden: {reason}", ", başlangıç: {since}", ". Kazanç {earns} {currency}.", " Kanıt: {evidence}.", " Son tarih {limit} idi.", " Alıcı {pay_until} anına kadar ödemelidir.", " Değişiklik olmazsa {approved_from} tarihinde onaylanır.", " Alıcı {complete_until} anına kadar teslimatı onaylamalıdır."},
	},
	words: map[string]map[string]string{
		"fate": {
			"won": "kazandı", "outranked": "başka bir tıklama kazandı", "invalid_click": "geçersiz", "not_joined": "reklam alanı programa katılmamıştı veya engellenmişti",
			"window": "çok eski", "restricted": "trafik türü bu ürünü kazanamaz", "other_channel": "başka bir kanaldan daha sonraki ücretli ziyaret yerini aldı",
			"after_order": "siparişten sonra", "unpaid_channel": "ücretli değil, sayılmaz", "other_channel_paid": "ücretli ve süre içinde", "other_channel_old": "sayılmaz, çok eski veya geçersiz",
		},
		"reason": {
			"no_click": "tıklama yok", "invalid_click": "tıklama geçersiz", "not_joined": "reklam alanı programa katılmamıştı veya engellenmişti", "window": "tıklama çok eski",
			"restricted": "trafik türü bu ürünü kazanamaz", "other_channel": "başka bir kanaldan daha sonraki ücretli ziyaret tıklamanın yerini aldı",
			"fraud": "sipariş hileli bulundu", "cancelled": "iptal edildi", "refunded": "tamamı iade edildi", "completed_late": "teslimat çok geç onaylandı", "not_completed": "teslimat zamanında onaylanmadı",
		},
		"verdict": {
			"bot": "bot", "duplicate": "tekrarlanan tıklama", "forbidden_traffic": "yasak trafik", "cookie_stuffing": "çerez doldurma", "blocked": "engellenmiş yayıncı", "fraud": "hile",
		},
		"rule": {
			"out_of_stock": "stokta yok", "virtual": "sanal ürün", "store_list:": "mağaza listesi %s", "store_list": "mağaza listesi", "market:": "pazar %s", "market": "pazar", "non_affiliate": "programa katılmayan ürün",
			"hot": "popüler ürün", "campaign": "satıcı kampanyası", "seller_rate": "satıcı oranı", "new_buyer": "yeni alıcı", "category": "kategori", "default": "diğer tüm ürünler",
		},
		"state": {"tracked": "izleniyor", "pending": "beklemede", "approved": "onaylandı", "declined": "reddedildi", "unattributed": "atanmamış"},
		"category": {
			"cookie_stuffing": "çerez doldurma", "bots": "makine tıklamaları", "self_purchase": "yayıncının veya yakınlarının alışverişi", "incentive": "teşvikli trafik", "brand_bidding": "marka reklamı",
			"misleading": "yanıltıcı reklam", "hijacking": "ziyaret kaçırma", "account": "yayıncının kimliğine dair şüphe", "critical_traffic": "kritik trafik", "other": "başka bir neden",
		},
		"nothing_because": {"cancelled": "iptal edildi", "out_of_stock": "stokta yoktu"},
		"rounding":        {"half_even": "yarım çifte"},
		"link": {
			"home": "ana sayfa", "product": "ürün", "hot": "popüler ürün", "store": "mağaza", "category": "kategori", "search": "arama", "campaign": "kampanya", "coupon": "kupon", "page": "sayfa",
		},
	},
}
