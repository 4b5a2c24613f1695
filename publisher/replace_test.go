package publisher_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/publisher"
)

// T1: what CheckReplace lets in makes a directory, and what it refuses makes none.
func TestT1_WhatMayComeInMakesADirectory(t *testing.T) {
	spaces := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *publisher.AdSpace {
		return &publisher.AdSpace{
			ID: rapid.SampledFrom([]string{"blog", "shop"}).Draw(t, "id"), Publisher: rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "publisher"), Program: "tr",
			Coupons: rapid.SliceOfN(rapid.SampledFrom([]string{"A", "B", "C"}), 0, 2).Draw(t, "coupons"),
		}
	}), 0, 4)
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		kept, coming := spaces.Draw(t, "kept"), spaces.Draw(t, "coming")
		var directory publisher.Directory
		kept = slices.DeleteFunc(kept, func(s *publisher.AdSpace) bool { return directory.Add(s) != nil })
		type key struct{ publisher, id string }
		after := make(map[key]*publisher.AdSpace)
		for _, s := range append(append([]*publisher.AdSpace{}, kept...), coming...) {
			after[key{s.Publisher, s.ID}] = s
		}
		var d publisher.Directory
		var want error
		for _, s := range after {
			if err := d.Add(s); err != nil {
				want = err
			}
		}
		err := publisher.CheckReplace(kept, coming)
		if (err != nil) != (want != nil) {
			t.Fatalf("%v, and the directory says %v", err, want)
		}
		var clash *publisher.ClashError
		if errors.As(err, &clash) {
			refused++
			if clash.Index < 0 || coming[clash.Index] != clash.Space || clash.Space == clash.Other || clash.Error() == "" {
				t.Fatalf("%+v does not name what came in", clash)
			}
		}
	})
	if refused == 0 {
		t.Error("nothing was ever refused")
	}
}
