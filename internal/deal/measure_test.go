package deal

import (
	"strings"
	"testing"
)

// number is a decimal, or none for "".
func number(t testing.TB, s string) Number {
	t.Helper()
	if s == "" {
		return Number{}
	}
	n, err := NumberOf(s)
	if err != nil {
		t.Fatalf("%q is no number: %v", s, err)
	}
	return n
}

// measure is a number, or a change where it has a sign and is written "Δ-20%".
func measure(t testing.TB, s string) Measure {
	t.Helper()
	s, change := strings.CutPrefix(s, "Δ")
	s, percent := strings.CutSuffix(s, "%")
	return Measure{Number: number(t, s), Change: change, Percent: percent}
}

func kpi(t testing.TB, baseline, target, actual, direction string) *KPI {
	t.Helper()
	return &KPI{Baseline: measure(t, baseline), Target: measure(t, target), Actual: measure(t, actual), Direction: direction}
}

func TestNumberOf(t *testing.T) {
	for s, want := range map[string]string{"1250": "1250", "1250.50": "1250.5", "-0.005": "-0.005", "0": "0"} {
		n, err := NumberOf(s)
		if err != nil || !n.Set || n.String() != want {
			t.Errorf("%q is %s, set %v, error %v", s, n, n.Set, err)
		}
	}
	for _, s := range []string{"", "x", "1,5", "1.2.3", "€5"} {
		if n, err := NumberOf(s); err == nil || n.Set {
			t.Errorf("%q is %s", s, n)
		}
	}
}

func TestKPIValue(t *testing.T) {
	tests := []struct {
		name, baseline, measure string
		want                    string // "" for none
	}{
		{"a number", "200", "150", "150"},
		{"a number without a baseline", "", "150", "150"},
		{"a change by a percentage", "200", "Δ-20%", "160"},
		{"a rise by a percentage", "200", "Δ+12.5%", "225"},
		{"a change by an amount", "200", "Δ-20", "180"},
		{"a rise by an amount", "200", "Δ+0.5", "200.5"},
		{"no change", "200", "Δ0%", "200"},
		{"a fall by all of it", "200", "Δ-100%", "0"},
		{"a percentage of nothing", "0", "Δ-20%", "0"},
		{"a change without a baseline", "", "Δ-20%", ""},
		{"a change against a change", "Δ-5%", "Δ-20%", ""},
		{"nothing", "200", "", ""},
		{"no decimals are lost", "0.3", "Δ-10%", "0.27"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := kpi(t, tt.baseline, tt.measure, "", "")
			got, ok := k.Value(k.Target)
			if ok != (tt.want != "") || ok && got.String() != tt.want {
				t.Errorf("it is %s, %v; want %q", got, ok, tt.want)
			}
		})
	}
}

func TestKPIProgress(t *testing.T) {
	tests := []struct {
		name, baseline, target, actual string
		want                           int // -1 for none
	}{
		{"half the way up", "100", "200", "150", 50},
		{"half the way down", "200", "100", "150", 50},
		{"at the beginning", "100", "200", "100", 0},
		{"there", "100", "200", "200", 100},
		{"beyond", "100", "200", "350", 100},
		{"the wrong way", "100", "200", "50", 0},
		{"beyond, falling", "200", "100", "20", 100},
		{"the wrong way, falling", "200", "100", "250", 0},
		{"nearly there is not there", "0", "1000", "999.9", 99},
		{"a third", "0", "3", "1", 33},
		{"two thirds", "0", "3", "2", 66},
		{"from below nothing", "-50", "50", "0", 50},
		{"the target is a change", "200", "Δ-50%", "150", 50},
		{"the actual number is a change", "200", "100", "Δ-25%", 50},
		{"both are changes", "200", "Δ-50%", "Δ-50", 50},
		{"no baseline", "", "200", "150", -1},
		{"no target", "100", "", "150", -1},
		{"no actual number", "100", "200", "", -1},
		{"no way to go", "100", "100", "100", -1},
		{"no way to go, as a change", "100", "Δ0%", "150", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := kpi(t, tt.baseline, tt.target, tt.actual, "").Progress()
			if !ok {
				if got != 0 {
					t.Errorf("it is %d where none is known", got)
				}
				got = -1
			}
			if got != tt.want {
				t.Errorf("it is %d, want %d", got, tt.want)
			}
		})
	}
}

// A slip can make a way longer than any integer counts.
func TestKPIProgressOfHugeNumbers(t *testing.T) {
	for zeros := range 40 {
		huge := "1" + strings.Repeat("0", zeros)
		for actual, want := range map[string]int{huge: 100, "-" + huge: 0} {
			if got, ok := kpi(t, "0", "0.1", actual, "").Progress(); !ok || got != want {
				t.Errorf("%s of 0.1 is %d%%, %v; want %d%%", actual, got, ok, want)
			}
		}
	}
}

func TestKPIFallsAndReached(t *testing.T) {
	tests := []struct {
		name, baseline, target, actual, direction string
		falls, reached                            bool
	}{
		{"rising, short of it", "100", "200", "199", "", false, false},
		{"rising, there", "100", "200", "200", "", false, true},
		{"rising, beyond", "100", "200", "201", "", false, true},
		{"falling, short of it", "200", "100", "101", "", true, false},
		{"falling, there", "200", "100", "100", "", true, true},
		{"falling, beyond", "200", "100", "99", "", true, true},
		{"falling by a change", "200", "Δ-20%", "160", "", true, true},
		{"falling by a change, short of it", "200", "Δ-20%", "161", "", true, false},
		{"rising by a change", "200", "Δ+20", "220", "", false, true},
		{"a change without a baseline", "", "Δ-20%", "10", "", true, false},
		{"no baseline rises", "", "100", "120", "", false, true},
		{"no baseline, said to fall", "", "100", "120", "down", true, false},
		{"no baseline, said to fall, there", "", "100", "80", "down", true, true},
		{"what is said wins over the numbers", "200", "100", "150", "up", false, true},
		{"what is said wins over the sign", "200", "Δ-20%", "160", "up", false, true},
		{"no actual number", "100", "200", "", "", false, false},
		{"no target", "100", "", "200", "", false, false},
		{"nothing", "", "", "", "", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := kpi(t, tt.baseline, tt.target, tt.actual, tt.direction)
			if k.Falls() != tt.falls || k.Reached() != tt.reached {
				t.Errorf("Falls %v, Reached %v; want %v, %v", k.Falls(), k.Reached(), tt.falls, tt.reached)
			}
		})
	}
}

func TestKPIIsCurrency(t *testing.T) {
	for unit, want := range map[string]bool{"EUR": true, "USD": true, "": false, "eur": false, "EU": false, "EURO": false, "€": false, "E1R": false, "hours": false, "ÄÖ": false} {
		if got := (&KPI{Unit: unit}).IsCurrency(); got != want {
			t.Errorf("%q: %v", unit, got)
		}
	}
}
