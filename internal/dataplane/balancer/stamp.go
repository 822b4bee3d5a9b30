package balancer

import (
	"sync"
	"time"
)

// A stamp writes times in UTC with microseconds. It keeps the text of the second
// that it wrote last: most records are of the same.
type stamp struct {
	mu     sync.Mutex // guards what follows
	second int64
	text   []byte
}

func (s *stamp) append(b []byte, t time.Time) []byte {
	s.mu.Lock()
	if sec := t.Unix(); sec != s.second || s.text == nil {
		s.second = sec
		s.text = t.UTC().AppendFormat(s.text[:0], "2006-01-02T15:04:05.")
	}
	b = append(b, s.text...)
	s.mu.Unlock()
	us := t.Nanosecond() / 1000
	for scale := 100_000; scale > 0; scale /= 10 {
		b = append(b, byte('0'+us/scale%10))
	}
	return append(b, 'Z')
}
