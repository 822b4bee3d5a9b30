package logfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }

// open opens a stream whose segments hold few events.
func open(t testing.TB, dir string) *Writer {
	t.Helper()
	w, err := OpenWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.limit = 200
	t.Cleanup(func() { w.Close() })
	return w
}

// write appends one event a second, "0" to "n-1".
func write(t testing.TB, dir string, n int) *Writer {
	t.Helper()
	w := open(t, dir)
	for i := range n {
		if err := w.Append(at(i), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func text(events []Event) string {
	words := make([]string, len(events))
	for i, e := range events {
		words[i] = string(e.Message)
	}
	return strings.Join(words, " ")
}

func read(t testing.TB, dir string, q Query) (string, Position) {
	t.Helper()
	events, next, err := Read(dir, q)
	if err != nil {
		t.Fatal(err)
	}
	return text(events), next
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 12)
	for name, tt := range map[string]struct {
		q    Query
		want string
	}{
		"all":             {Query{}, "0 1 2 3 4 5 6 7 8 9 10 11"},
		"all backward":    {Query{Backward: true}, "0 1 2 3 4 5 6 7 8 9 10 11"},
		"limit":           {Query{Limit: 3}, "0 1 2"},
		"newest":          {Query{Limit: 3, Backward: true}, "9 10 11"},
		"from":            {Query{From: at(10)}, "10 11"},
		"to is exclusive": {Query{To: at(2)}, "0 1"},
		"between":         {Query{From: at(5), To: at(7)}, "5 6"},
		"within a second": {Query{From: at(5).Add(time.Nanosecond), To: at(6).Add(time.Nanosecond)}, "6"},
		"before all":      {Query{To: at(0), Backward: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := read(t, dir, tt.q)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadPages(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 12)
	for _, backward := range []bool{false, true} {
		var pages []string
		var after Position
		for range 4 {
			var page string
			page, after = read(t, dir, Query{After: after, Limit: 5, Backward: backward})
			pages = append(pages, page)
		}
		want := []string{"0 1 2 3 4", "5 6 7 8 9", "10 11", ""}
		if backward {
			want = []string{"7 8 9 10 11", "2 3 4 5 6", "0 1", ""}
		}
		if diff := cmp.Diff(want, pages); diff != "" {
			t.Errorf("backward %v: pages (-want +got):\n%s", backward, diff)
		}
	}
}

func TestReadMaxBytes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 8)
	for _, backward := range []bool{false, true} {
		var pages []string
		var after Position
		for range 4 {
			var page string
			page, after = read(t, dir, Query{After: after, MaxBytes: 3*overhead + 5, Backward: backward})
			pages = append(pages, page)
		}
		want := []string{"0 1 2", "3 4 5", "6 7", ""}
		if backward {
			want = []string{"5 6 7", "2 3 4", "0 1", ""}
		}
		if diff := cmp.Diff(want, pages); diff != "" {
			t.Errorf("backward %v: pages (-want +got):\n%s", backward, diff)
		}
	}
	if got, _ := read(t, dir, Query{MaxBytes: 1}); got != "0" {
		t.Errorf("one event over the limit: %q", got)
	}
}

func TestReadGoesOnAfterTheEnd(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, 3)
	_, end := read(t, dir, Query{})
	for i := range 9 {
		w.Append(at(i), fmt.Append(nil, "more", i))
	}
	if got, _ := read(t, dir, Query{After: end, Limit: 2}); got != "more0 more1" {
		t.Errorf("after the old end: %q", got)
	}
}

func TestReadOfAbsentStream(t *testing.T) {
	got, next := read(t, t.TempDir()+"/none", Query{})
	if got != "" || !next.IsZero() {
		t.Errorf("read %q to %v", got, next)
	}
}

func TestOpenWriterTwice(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, 1)
	if _, err := OpenWriter(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("second writer: %v, want ErrBusy", err)
	}
	w.Close()
	if err := w.Append(at(1), nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("append after Close: %v, want os.ErrClosed", err)
	}
	if w, err := OpenWriter(dir); err != nil {
		t.Error("writer after the first closed:", err)
	} else {
		w.Close()
	}
}

func TestAppendTooLong(t *testing.T) {
	w := open(t, t.TempDir())
	if err := w.Append(epoch, make([]byte, MaxMessage+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("error %v, want ErrTooLong", err)
	}
	longest := bytes.Repeat([]byte("x"), MaxMessage)
	if err := w.Append(epoch, longest); err != nil {
		t.Error("longest message:", err)
	}
	if events, _, err := Read(w.dir, Query{}); err != nil || len(events) != 1 || !bytes.Equal(events[0].Message, longest) {
		t.Errorf("read %d events, %v", len(events), err)
	}
}

// What a closed writer left need not be looked through for other times.
func TestCloseSeals(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	w.limit = segmentSize
	w.Append(at(1), bytes.Repeat([]byte("x"), sealSize))
	for range 3 { // an empty segment is not sealed again
		w.Close()
		w = open(t, dir)
	}
	numbers, err := segments(dir)
	if err != nil || len(numbers) != 2 {
		t.Errorf("segments %v, %v", numbers, err)
	}
	if s, known := segmentSpan(dir, 1); !known || s.first != at(1).UnixMilli() || s.last != s.first {
		t.Errorf("span %+v, known %v", s, known)
	}
	w.Append(at(2), []byte("more"))
	if got, _ := read(t, dir, Query{From: at(2)}); got != "more" {
		t.Errorf("read %q", got)
	}
	if info, err := Stat(dir); err != nil || !info.First.Equal(at(1)) || !info.Last.Equal(at(2)) {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestAppendAllSpansSegments(t *testing.T) {
	w := open(t, t.TempDir())
	var events []Event
	for i := range 20 {
		events = append(events, Event{Time: at(i), Message: fmt.Append(nil, i)})
	}
	if err := w.AppendAll(events); err != nil {
		t.Fatal(err)
	}
	if got, _ := read(t, w.dir, Query{}); got != text(events) {
		t.Errorf("read %q", got)
	}
	if numbers, _ := segments(w.dir); len(numbers) < 4 {
		t.Errorf("%d segments", len(numbers))
	}
}

func TestStat(t *testing.T) {
	dir := t.TempDir()
	if info, err := Stat(dir); err != nil || info != (Info{}) {
		t.Errorf("empty stream: %+v, %v", info, err)
	}
	write(t, dir, 12)
	info, err := Stat(dir)
	if err != nil || !info.First.Equal(at(0)) || !info.Last.Equal(at(11)) || info.LastIngested.IsZero() || info.Bytes == 0 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestDeleteBefore(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, 12)
	if err := DeleteBefore(dir, at(9)); err != nil {
		t.Fatal(err)
	}
	got, end := read(t, dir, Query{})
	if strings.HasPrefix(got, "0 ") || !strings.HasSuffix(got, "9 10 11") {
		t.Errorf("after deletion while writing: %q", got)
	}
	w.Close()
	if err := DeleteBefore(dir, at(100)); err != nil {
		t.Fatal(err)
	}
	if got, _ := read(t, dir, Query{}); got != "" {
		t.Errorf("after deletion of all: %q", got)
	}
	open(t, dir).Append(at(100), []byte("new"))
	if got, _ := read(t, dir, Query{After: end}); got != "new" {
		t.Errorf("reader from before the deletion: %q", got)
	}
	if err := DeleteBefore(dir+"/none", at(0)); err != nil {
		t.Error("absent stream:", err)
	}
}

func TestFullDiskLeavesWholeFrames(t *testing.T) {
	w := write(t, t.TempDir(), 1)
	readOnly, err := os.Open(w.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	good := w.file
	w.file = readOnly // every write fails
	if err := w.Append(at(1), []byte("lost")); err == nil {
		t.Error("no error")
	}
	readOnly.Close()
	w.file = good
	w.Append(at(2), []byte("kept"))
	if got, _ := read(t, w.dir, Query{}); got != "0 kept" {
		t.Errorf("read %q", got)
	}
}

func TestPositionText(t *testing.T) {
	for _, s := range []string{"", "1", "-", "1-", "1--1", "+1-2", "01-2", "1-2-3", "99999999999999999999-1"} {
		if p, err := ParsePosition(s); err == nil {
			t.Errorf("ParsePosition(%q) = %v", s, p)
		}
	}
	want := Position{3, 17}
	if got, err := ParsePosition(want.String()); err != nil || got != want {
		t.Errorf("ParsePosition(%q) = %v, %v", want, got, err)
	}
}
