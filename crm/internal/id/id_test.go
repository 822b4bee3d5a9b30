package id

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v ID
		copy(v[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
		got, err := Parse(v.String())
		if err != nil || got != v {
			t.Fatalf("Parse(%s) = %s, %v", v, got, err)
		}
	})
}

func TestOrderIsTimeOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := time.UnixMicro(rapid.Int64Range(0, 1<<50).Draw(t, "a"))
		b := a.Add(time.Duration(rapid.Int64Range(1, 1<<40).Draw(t, "step")) * time.Microsecond)
		x, y := at(a), at(b)
		if slices.Compare(x[:], y[:]) >= 0 {
			t.Fatalf("%s of %v is not before %s of %v", x, a, y, b)
		}
	})
}

func TestVersionAndVariant(t *testing.T) {
	if v := New(); v[6]>>4 != 7 || v[8]>>6 != 2 {
		t.Errorf("%s is not of version 7, variant 2", v)
	}
}

func TestScan(t *testing.T) {
	want := New()
	value, _ := want.Value()
	var got, none ID
	if err := got.Scan(value); err != nil || got != want {
		t.Errorf("Scan = %v, %v; want %v", got, err, want)
	}
	if err := none.Scan(nil); err != nil || !none.IsZero() {
		t.Errorf("Scan(nil) = %v, %v; want zero", none, err)
	}
	if err := got.Scan([]byte("short")); err == nil {
		t.Error("Scan took five bytes")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", New().String(), "01890a5d-ac96-774b-bcce-b302099a8057", "zz890a5d-ac96-774b-bcce-b302099a8057", "01890a5dac96774bbcceb302099a8057"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err == nil && len(v.String()) != len(s) {
			t.Errorf("Parse(%q) = %s", s, v)
		}
	})
}
