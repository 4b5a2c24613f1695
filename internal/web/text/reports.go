package text

// Reports are the pages of reports.
type Reports struct {
	Title, Lead, Report, By, Then, Nothing     string
	Day, OrderDay, TransactionDay              string
	TrackingID, Promotion, Sort, Totals, Empty string
	EmptyHint, CSV, XLSX                       string
	Complete                                   func(at string) string
	Kinds                                      map[string]string // of reports
	Columns                                    map[string]string // and dimensions
}

func reportsEnglish() Reports {
	return Reports{
		Title: "Reports", Lead: "Orders, traffic and income, by whatever you want to know. Days are those of UTC.", Report: "Report", By: "By", Then: "and by", Nothing: "nothing else",
		Day: "The day that counts", OrderDay: "Day of the order", TransactionDay: "Day of the transaction (receipt confirmed)",
		TrackingID: "Tracking ID", Promotion: "Type of promotion", Sort: "Sorted by", Totals: "In all", Empty: "No rows", EmptyHint: "Take a longer period, or fewer filters.",
		CSV: "Download as CSV", XLSX: "Download as XLSX",
		Complete: func(at string) string { return "Complete up to " + at + " UTC" },
		Kinds:    map[string]string{"orders": "Orders", "traffic": "Traffic", "income": "Income", "live-orders": "Live orders"},
		Columns: map[string]string{
			"day": "Day", "program": "Program", "publisher": "Publisher", "ad_space": "Ad space", "tracking_id": "Tracking ID", "af": "af", "cn": "cn", "cv": "cv", "dp": "dp",
			"kind": "Promotion", "product": "Product", "category": "Category", "country": "Country", "device": "Device", "link": "Link", "rule": "Rule", "reason": "Reason", "state": "State",
			"currency": "Currency", "clicks": "Clicks", "rejected_clicks": "Rejected clicks", "rejected": "Rejected", "rejected_share": "Rejected, %", "actions": "Actions",
			"tracked": "Tracked", "pending": "Pending", "approved": "Approved", "declined": "Declined", "unattributed": "Unattributed", "sold": "Sold",
			"commission_tracked": "Commission, tracked", "commission_pending": "Commission, pending", "commission_approved": "Commission, approved", "commission": "Commission",
			"approval_rate": "Approval, %", "cost_of_sale": "Cost of sale, %", "cr": "CR, %", "epc": "EPC", "open": "Open commission", "bonus": "Bonus", "reversed": "Taken back", "held": "Kept back by cases", "deducted": "Antispam deductions",
			"payouts": "Payouts", "other": "Other", "balance": "Balance", "paid": "Paid out", "ordered_at": "Ordered", "received_at": "Received", "order": "Order", "item": "Item",
			"click": "Click", "settled_at": "Settled",
		},
	}
}

func reportsTurkish() Reports {
	return Reports{
		Title: "Raporlar", Lead: "Siparişler, trafik ve gelir; neyi bilmek isterseniz ona göre. Günler UTC günleridir.", Report: "Rapor", By: "Kırılım", Then: "ikinci kırılım", Nothing: "başka kırılım yok",
		Day: "Hangi gün sayılsın", OrderDay: "Sipariş günü", TransactionDay: "İşlem günü (teslim alındı)",
		TrackingID: "Takip kimliği", Promotion: "Tanıtım türü", Sort: "Sıralama", Totals: "Toplam", Empty: "Satır yok", EmptyHint: "Daha uzun bir dönem ya da daha az filtre seçin.",
		CSV: "CSV olarak indir", XLSX: "XLSX olarak indir",
		Complete: func(at string) string { return at + " UTC itibarıyla eksiksiz" },
		Kinds:    map[string]string{"orders": "Sipariş raporu", "traffic": "Trafik", "income": "Gelir", "live-orders": "Canlı siparişler"},
		Columns: map[string]string{
			"day": "Gün", "program": "Program", "publisher": "Yayıncı", "ad_space": "Reklam alanı", "tracking_id": "Takip kimliği", "af": "af", "cn": "cn", "cv": "cv", "dp": "dp",
			"kind": "Tanıtım", "product": "Ürün", "category": "Kategori", "country": "Ülke", "device": "Cihaz", "link": "Bağlantı", "rule": "Kural", "reason": "Neden", "state": "Durum",
			"currency": "Para birimi", "clicks": "Tıklama", "rejected_clicks": "Reddedilen tıklama", "rejected": "Reddedilen", "rejected_share": "Reddedilen, %", "actions": "Eylem",
			"tracked": "İzlenen", "pending": "Bekleyen", "approved": "Onaylanan", "declined": "Geri çevrilen", "unattributed": "Sahipsiz", "sold": "Satış",
			"commission_tracked": "Komisyon, izlenen", "commission_pending": "Komisyon, bekleyen", "commission_approved": "Komisyon, onaylanan", "commission": "Komisyon",
			"approval_rate": "Onay, %", "cost_of_sale": "Satış maliyeti, %", "cr": "Dönüşüm, %", "epc": "100 tıklama kazancı", "open": "Açık komisyon", "bonus": "İkramiye", "reversed": "Geri alınan", "held": "İncelemede tutulan", "deducted": "Antispam kesintileri",
			"payouts": "Ödemeler", "other": "Diğer", "balance": "Bakiye", "paid": "Ödenen", "ordered_at": "Sipariş zamanı", "received_at": "Teslim", "order": "Sipariş", "item": "Kalem",
			"click": "Tıklama kimliği", "settled_at": "Sonuçlanma",
		},
	}
}
