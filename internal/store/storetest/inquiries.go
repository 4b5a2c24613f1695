package storetest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

func inquiryChecks() []Check {
	return []Check{
		{"inquiries and their messages come back as they were (A6)", inquiriesRoundTrip},
		{"Inquiries.Page returns what matches, the newest first, and Waiting counts (A6)", inquiryPages},
		{"of writers that hold an inquiry, one is at work (A6)", inquiryRace},
	}
}

func sampleInquiry(publisher string) store.Inquiry {
	return store.Inquiry{
		Asker: store.Asker{Publisher: publisher}, Kind: "traffic_types", Subject: "A \"second\" type", Program: tr, Order: "o1", AdSpace: "blog", TrafficType: program.Cashback,
		State: "open", Verdict: "agreed", VerdictBy: "Ida", Assignee: "per_ida", Messages: 3, AskedLast: 1, AnsweredLast: 3, SeenByAsker: 1, SeenByDesk: 2,
		CreatedAt: at(1), ChangedAt: at(2), CreatedBy: "per_elif",
	}
}

func putInquiry(k *kit, i store.Inquiry) (out store.Inquiry) {
	k.Helper()
	k.update(func(tx store.Tx) (err error) {
		out, err = tx.Platform().Desk().Inquiries().Put(k.ctx, i)
		return err
	})
	return out
}

func sampleMessage(inquiry int64, number int) store.InquiryMessage {
	return store.InquiryMessage{Inquiry: inquiry, Number: number, At: at(int64(number)), Person: "per_ida", Name: "Ida", FromDesk: true, Internal: number%2 == 0, Text: "Line\nand line"}
}

func inquiriesRoundTrip(k *kit) {
	one := putInquiry(k, sampleInquiry("ann"))
	bare := putInquiry(k, store.Inquiry{Asker: store.Asker{Seller: "org_s"}, Kind: "other", State: "open", CreatedAt: at(5), ChangedAt: at(5)})
	k.same("ids", []int64{one.ID, bare.ID}, []int64{1, 2})
	one.State, one.Verdict, one.Messages, one.SeenByDesk, one.ChangedAt, one.Assignee = "closed", "refused", 9, 9, at(9), ""
	putInquiry(k, one)
	get := func(id int64) store.Inquiry {
		return read(k, func(tx store.Tx) (store.Inquiry, error) { return tx.Platform().Desk().Inquiries().Get(k.ctx, id) })
	}
	k.reopen()
	k.same("a changed inquiry", get(1), one)
	k.same("a bare inquiry", get(2), bare)
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Desk().Inquiries().Get(k.ctx, 3)
		return err
	}), store.ErrNotFound, "an inquiry that is not there")
	say := func(m store.InquiryMessage) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Desk().Inquiries().Say(k.ctx, m) })
	}
	for _, n := range []int{2, 1} {
		k.must(say(sampleMessage(1, n)))
	}
	k.must(say(sampleMessage(2, 1)))
	again := sampleMessage(1, 1)
	again.Text = "another"
	k.is(say(again), store.ErrConflict, "a number that is taken")
	messages := func(id int64) []store.InquiryMessage {
		return read(k, func(tx store.Tx) ([]store.InquiryMessage, error) {
			return tx.Platform().Desk().Inquiries().Messages(k.ctx, id)
		})
	}
	k.same("the messages", messages(1), []store.InquiryMessage{sampleMessage(1, 1), sampleMessage(1, 2)})
	k.same("of one that is not there", len(messages(3)), 0)
}

func inquiryPages(k *kit) {
	all := make([]store.Inquiry, 6)
	for i := range all {
		all[i] = sampleInquiry("ann")
	}
	all[0].State, all[0].SeenByAsker = "reopened", 3
	all[1].Publisher, all[1].State, all[1].Assignee = "ben", "closed", "per_ada"
	all[2].Asker = store.Asker{Seller: "ann"}
	all[3].State, all[3].Verdict = "waiting", ""
	all[4].Kind, all[4].State = "other", "answered"
	for _, i := range all {
		putInquiry(k, i)
	}
	ann := store.Asker{Publisher: "ann"}
	for _, c := range []struct {
		f    store.InquiryFilter
		want []int64
	}{
		{store.InquiryFilter{}, []int64{6, 5, 4, 3, 2, 1}},
		{store.InquiryFilter{Asker: ann}, []int64{6, 5, 4, 1}},
		{store.InquiryFilter{Asker: store.Asker{Seller: "ann"}}, []int64{3}},
		{store.InquiryFilter{Asker: store.Asker{Publisher: "Ann"}}, nil},
		{store.InquiryFilter{State: "open"}, []int64{6, 3}},
		{store.InquiryFilter{Turn: true}, []int64{6, 3, 1}},
		{store.InquiryFilter{Asker: ann, Kind: "traffic_types", Verdict: "agreed"}, []int64{6, 1}},
		{store.InquiryFilter{Assignee: "per_ada"}, []int64{2}},
		{store.InquiryFilter{Turn: true, Oldest: true}, []int64{1, 3, 6}},
		{store.InquiryFilter{Oldest: true}, []int64{1, 2, 3, 4, 5, 6}},
		{store.InquiryFilter{Words: strings.ToUpper(all[0].Subject[1:3]), Asker: ann}, []int64{6, 5, 4, 1}},
		{store.InquiryFilter{Words: "nobody asks that"}, nil},
	} {
		var got []int64
		for after := ""; ; {
			var page []store.Inquiry
			var next string
			k.view(func(tx store.Tx) (err error) {
				page, next, err = tx.Platform().Desk().Inquiries().Page(k.ctx, c.f, after, 2)
				return err
			})
			for _, i := range page {
				got = append(got, i.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		k.same(fmt.Sprintf("inquiries that match %+v", c.f), got, c.want)
	}
	waiting := func(a store.Asker) int64 {
		return read(k, func(tx store.Tx) (int64, error) { return tx.Platform().Desk().Inquiries().Waiting(k.ctx, a) })
	}
	k.same("what waits", []int64{waiting(store.Asker{}), waiting(ann), waiting(store.Asker{Publisher: "ben"}), waiting(store.Asker{Publisher: "zoe"})}, []int64{3, 3, 1, 0})
}

func inquiryRace(k *kit) {
	putInquiry(k, store.Inquiry{Asker: store.Asker{Publisher: "ann"}, Kind: "other", State: "open", CreatedAt: at(1), ChangedAt: at(1)})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				err := k.store.Update(k.ctx, func(tx store.Tx) error {
					role := tx.Platform().Desk().Inquiries()
					i, err := role.Hold(k.ctx, 1)
					if err != nil {
						return err
					}
					i.Messages++
					if err := role.Say(k.ctx, sampleMessage(1, i.Messages)); err != nil {
						return err
					}
					_, err = role.Put(k.ctx, i)
					return err
				})
				if err != nil {
					k.Errorf("saying something: %v", err)
				}
			}
		})
	}
	wg.Wait()
	k.same("the messages", read(k, func(tx store.Tx) (int, error) {
		all, err := tx.Platform().Desk().Inquiries().Messages(k.ctx, 1)
		return len(all), err
	}), 20)
}
