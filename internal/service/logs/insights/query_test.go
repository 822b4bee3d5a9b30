package insights

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"apex/internal/dataplane/logfile"
)

// chunksOf makes chunks of lines "time stream message": small ones, so that
// several workers share them. The buffer of a message is used again for the next.
func chunksOf(t testing.TB, text string, size int) []Chunk {
	t.Helper()
	byStream := map[string][]logfile.Event{}
	for n, line := range strings.Split(strings.TrimSpace(text), "\n") {
		parts := strings.SplitN(line, " ", 3)
		at, err := time.Parse(time.RFC3339Nano, parts[0])
		if err != nil {
			t.Fatal(err)
		}
		byStream[parts[1]] = append(byStream[parts[1]], logfile.Event{
			Time: at, Ingested: at, Message: []byte(parts[2]), Position: logfile.Position{Segment: 1, Offset: int64(n)},
		})
	}
	var chunks []Chunk
	for stream, events := range byStream {
		for len(events) > 0 {
			own := events[:min(size, len(events))]
			events = events[len(own):]
			chunks = append(chunks, Chunk{
				Account: "000000000000", Group: "crm", Stream: stream, First: own[0].Time, Last: own[len(own)-1].Time,
				Scan: func(visit func(logfile.Event) bool) error {
					buffer := make([]byte, 0, 1000)
					for _, e := range own {
						e.Message = append(buffer[:0], e.Message...)
						if !visit(e) {
							break
						}
					}
					clear(buffer[:cap(buffer)])
					return nil
				},
			})
		}
	}
	return chunks
}

func TestQueries(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".txtar") {
			continue
		}
		archive, err := txtar.ParseFile("testdata/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string]string{}
		for _, f := range archive.Files {
			parts[f.Name] = string(f.Data)
		}
		for _, f := range archive.Files {
			name, ok := strings.CutSuffix(f.Name, ".query")
			if !ok {
				continue
			}
			t.Run(name, func(t *testing.T) {
				for _, size := range []int{1, 2, 100} {
					got := run(t, string(f.Data), chunksOf(t, parts["events"], size), DefaultLimit)
					if diff := cmp.Diff(parts[name+".want"], got); diff != "" {
						t.Fatalf("chunks of %d: rows (-want +got):\n%s", size, diff)
					}
				}
			})
		}
	}
}

func run(t testing.TB, query string, chunks []Chunk, limit int) string {
	t.Helper()
	q, fault := Parse(query)
	if fault != nil {
		t.Fatalf("%s: %v at %d", query, fault, fault.Start)
	}
	rows, err := q.Run(t.Context(), chunks, limit, new(Progress))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, row := range rows {
		for i, f := range row {
			if i > 0 {
				b.WriteByte(' ')
			}
			if b.WriteString(f.Name); f.Name != "@ptr" {
				b.WriteString("=" + f.Value)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// A result points at its event.
func TestPointer(t *testing.T) {
	chunks := chunksOf(t, "2026-01-02T03:00:00Z a/b x", 1)
	q, _ := Parse("fields @ptr")
	rows, err := q.Run(t.Context(), chunks, 1, new(Progress))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParsePointer(rows[0][0].Value)
	if want := (Pointer{"crm", "a/b", logfile.Position{Segment: 1}}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, s := range []string{"", "!", "eA"} {
		if _, err := ParsePointer(s); err == nil {
			t.Errorf("ParsePointer(%q) reads", s)
		}
	}
}

// The newest rows are found without a look at chunks that are older.
func TestNewestRowsNeedFewChunks(t *testing.T) {
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "%s s %d\n", time.Unix(int64(i), 0).UTC().Format(time.RFC3339), i)
	}
	var progress Progress
	q, _ := Parse("fields @message | limit 2")
	chunks := chunksOf(t, lines.String(), 10)
	for i := range chunks {
		chunks[i].Bytes = 1
	}
	rows, err := q.Run(t.Context(), chunks, DefaultLimit, &progress)
	if err != nil || len(rows) != 2 || rows[0][0].Value != "999" || rows[1][0].Value != "998" {
		t.Errorf("rows %v, %v", rows, err)
	}
	if n := progress.SkippedBytes.Load(); n < 60 {
		t.Errorf("%d of 100 chunks left out", n)
	}
}

func TestTooManyGroups(t *testing.T) {
	chunk := Chunk{Scan: func(visit func(logfile.Event) bool) error {
		for i := range maxGroups + 1 {
			visit(logfile.Event{Message: fmt.Append(nil, i)})
		}
		return nil
	}}
	q, _ := Parse("stats count(*) by @message")
	if _, err := q.Run(t.Context(), []Chunk{chunk}, DefaultLimit, new(Progress)); err == nil {
		t.Error("no fault")
	}
}

func FuzzParse(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/queries.txtar")
	if err != nil {
		f.Fatal(err)
	}
	events := ""
	for _, file := range archive.Files {
		if file.Name == "events" {
			events = string(file.Data)
		} else if strings.HasSuffix(file.Name, ".query") {
			f.Add(string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, fault := Parse(text)
		if fault != nil {
			if fault.Start < 0 || fault.End < fault.Start || fault.End > len(text) {
				t.Errorf("%q: fault at %d to %d", text, fault.Start, fault.End)
			}
			return
		}
		if _, err := q.Run(t.Context(), chunksOf(t, events, 3), 5, new(Progress)); err != nil {
			t.Error(err)
		}
	})
}
