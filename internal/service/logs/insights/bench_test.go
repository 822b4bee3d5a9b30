package insights

import (
	"fmt"
	"testing"
	"time"

	"apex/internal/dataplane/logfile"
)

// BenchmarkQuery runs queries over compressed segments of JSON lines: bytes are
// those of the messages.
func BenchmarkQuery(b *testing.B) {
	dir := b.TempDir()
	w, err := logfile.OpenWriter(dir)
	if err != nil {
		b.Fatal(err)
	}
	start, size := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), 0
	var batch []logfile.Event
	for i := range 400_000 {
		message := fmt.Appendf(nil, `{"time":"%d","level":"%s","method":"GET","path":"/api/people/%d","status":%d,"took":%d.%d,"request":"%016x","user":{"id":%d}}`,
			i, []string{"info", "info", "warn", "error"}[i%4], i%97, 200+i%5*100, i%300, i%10, i*7919, i%1000)
		size += len(message)
		if batch = append(batch, logfile.Event{Time: start.Add(time.Duration(i) * 10 * time.Millisecond), Message: message}); len(batch) == 1000 {
			if err := w.AppendAll(batch); err != nil {
				b.Fatal(err)
			}
			batch = nil
		}
	}
	w.Close()
	for _, form := range []string{"plain", "packed"} {
		if form == "packed" {
			if err := logfile.Pack(dir); err != nil {
				b.Fatal(err)
			}
		}
		for name, query := range map[string]string{
			"newest": "fields @timestamp, @message | limit 20",
			"match":  "filter @message like /status\":500,\"took\":17\\./ | limit 20",
			"stats":  "filter level = 'error' | stats count(*), avg(took), pct(took, 99) by bin(5m)",
			"path":   "stats count(*) as n by path | sort n desc | limit 10",
		} {
			b.Run(form+"/"+name, func(b *testing.B) {
				q, fault := Parse(query)
				if fault != nil {
					b.Fatal(fault)
				}
				b.SetBytes(int64(size))
				for b.Loop() {
					files, err := logfile.Chunks(dir, logfile.Query{})
					if err != nil {
						b.Fatal(err)
					}
					var chunks []Chunk
					for _, c := range files {
						chunks = append(chunks, Chunk{First: c.First, Last: c.Last, Bytes: c.Bytes, Scan: c.Scan})
					}
					if _, err := q.Run(b.Context(), chunks, DefaultLimit, new(Progress)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
