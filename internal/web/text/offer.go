package text

import "strconv"

// Offer is what a program's page says to the publisher who looks at it.
type Offer struct {
	Join, Rank, Rule, Everybody, Reviewed, EnterFirst, CheckMeans                     string
	ByCategory, ByCategoryLead, NewFor, Returning, Fresh, Policy, Similar, Everywhere string
	UpTo, Countries, Categories, Near                                                 func(n int64) string
}

func offerEnglish() Offer {
	return Offer{
		Join: "Join with an ad space", Rank: "Your affiliate ranking", Rule: "Who is accepted", Everybody: "Everybody, at once.", Reviewed: "Somebody reads each application.", EnterFirst: "Enter and verify one, then it can join.",
		CheckMeans: "after joining: no increased rates for hot products and nothing for stores that do not take part.",
		ByCategory: "What each category earns", ByCategoryLead: "Of products whose seller set no rate of its own, for deliveries outside markets with rates of their own; the rules beside say what comes before.",
		NewFor: "Rates for new buyers hold for:", Returning: "Returning buyer", Fresh: "New buyer", Policy: "Policy", Similar: "Similar programs", Everywhere: "meant for everywhere",
		UpTo: func(n int64) string {
			return "Ranks 1 to " + strconv.FormatInt(n, 10) + " at once; others after somebody has read the application."
		},
		Countries:  func(n int64) string { return plural(n, "country", "countries") + " in common" },
		Categories: func(n int64) string { return plural(n, "category", "categories") + " in common" },
		Near:       func(n int64) string { return "about the same rate in " + plural(n, "of them", "of them") },
	}
}

func offerTurkish() Offer {
	return Offer{
		Join: "Bir reklam alanıyla katıl", Rank: "Yayıncı sıralamanız", Rule: "Kimler kabul edilir", Everybody: "Herkes, hemen.", Reviewed: "Her başvuruyu bir kişi okur.", EnterFirst: "Birini girip doğrulayın, sonra katılabilir.",
		CheckMeans: "katıldıktan sonra: gözde ürünlerde yükseltilmiş oran yok, katılmayan mağazalar bir şey kazandırmaz.",
		ByCategory: "Her kategori ne kazandırır", ByCategoryLead: "Satıcısı kendi oranını koymamış ürünler için, kendi oranları olan pazarların dışındaki teslimatlarda; önce gelen kurallar yanda yazılı.",
		NewFor: "Yeni alıcı oranları şunlar için geçerli:", Returning: "Eski alıcı", Fresh: "Yeni alıcı", Policy: "Kural", Similar: "Benzer programlar", Everywhere: "her yer için",
		UpTo: func(n int64) string {
			return "1–" + strconv.FormatInt(n, 10) + " arası sıralar hemen; diğerleri başvuru okunduktan sonra."
		},
		Countries:  func(n int64) string { return strconv.FormatInt(n, 10) + " ortak ülke" },
		Categories: func(n int64) string { return strconv.FormatInt(n, 10) + " ortak kategori" },
		Near:       func(n int64) string { return strconv.FormatInt(n, 10) + " tanesinde yakın oran" },
	}
}
