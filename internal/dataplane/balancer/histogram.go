package balancer

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A Histogram counts times by their size. Bucket i counts times below
// BucketLimit(i) and not below BucketLimit(i-1): 8 buckets in each doubling, so
// that a percentile read from it is off by an eighth at most. Trailing empty
// buckets are left out.
type Histogram []int64

const (
	octave  = 8
	buckets = 26 * octave // up to 268 s; the last one counts all that is longer
)

// BucketLimit returns the time that all in bucket i are below.
func BucketLimit(i int) time.Duration {
	i++
	if i < octave {
		return time.Duration(i) * time.Microsecond
	}
	return time.Duration(octave+i%octave) << (i/octave - 1) * time.Microsecond
}

// bucket returns the index for a time. Within a doubling the three bits after
// the highest one count on.
func bucket(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < octave {
		return int(us)
	}
	shift := bits.Len64(us) - 4
	return min(shift*octave+int(us>>shift), buckets-1)
}

// timings is a Histogram that is being counted.
type timings [buckets]atomic.Int64

func (t *timings) add(d time.Duration) { t[bucket(d)].Add(1) }

// addTo adds what was counted to a Histogram.
func (t *timings) addTo(h Histogram) Histogram {
	for i := range t {
		n := t[i].Load()
		if n == 0 {
			continue
		}
		for len(h) <= i {
			h = append(h, 0)
		}
		h[i] += n
	}
	return h
}

// Plus returns the sum of two histograms.
func (h Histogram) Plus(other Histogram) Histogram {
	if len(h) < len(other) {
		h, other = other, h
	}
	sum := append(Histogram(nil), h...)
	for i, n := range other {
		sum[i] += n
	}
	return sum
}
