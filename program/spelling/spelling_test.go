package spelling

import "testing"

func TestClosest(t *testing.T) {
	known := []string{"category", "default", "hot", "store_list", "allowed", "needs_approval", "no_commission"}
	for name, want := range map[string]string{
		"catgory": "category", "defualt": "default", "storelist": "store_list", "allow": "allowed", "no_comission": "no_commission",
		"default": "default", "publisher": "", "x": "", "": "", "ho": "",
	} {
		if got := Closest(name, known); got != want {
			t.Errorf("Closest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Closest("anything", nil); got != "" {
		t.Errorf("of nothing, the closest is %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 1}, {"tablet", "tablets", 1},
		{"mens_clothing", "womens_clothing", 2}, {"kitten", "sitting", 3},
	} {
		if got, back := Distance(c.a, c.b), Distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("Distance(%q, %q) = %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
