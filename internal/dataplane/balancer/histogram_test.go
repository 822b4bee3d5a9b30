package balancer

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every time lies below its bucket's limit and not below the one before, and the
// limits are never more than an eighth apart.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(268*time.Second)).Draw(t, "time"))
		i := bucket(d)
		low := time.Duration(0)
		if i > 0 {
			low = BucketLimit(i - 1)
		}
		high := BucketLimit(i)
		if d < low || d >= high {
			t.Fatalf("%v in bucket %d: [%v, %v)", d, i, low, high)
		}
		if width := high - low; width > time.Microsecond && width > low/8 {
			t.Fatalf("bucket %d is [%v, %v)", i, low, high)
		}
	})
}

func TestHistogram(t *testing.T) {
	var counted timings
	for _, d := range []time.Duration{-1, 0, time.Microsecond, 3 * time.Microsecond, time.Hour} {
		counted.add(d)
	}
	h := counted.addTo(nil)
	if len(h) != buckets || h[0] != 2 || h[1] != 1 || h[3] != 1 || h[buckets-1] != 1 {
		t.Errorf("counted %v", h)
	}
	if got := (Histogram{1, 2}).Plus(Histogram{0, 1, 5}); !slices.Equal(got, Histogram{1, 3, 5}) {
		t.Errorf("sum %v", got)
	}
}
