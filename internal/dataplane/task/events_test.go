package task

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCopyEvents(t *testing.T) {
	const text = "a stack\n  at one\n  at two\nstray\nb\n\nc\n  at end"
	var got []string
	err := copyEvents(strings.NewReader(text), `^\w`, func(e []byte) error {
		got = append(got, string(e))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a stack\n  at one\n  at two", "stray", "b", "c\n  at end"}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestEventDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		events := make(chan string, 10)
		go func() {
			_ = copyEvents(r, "^x", func(e []byte) error {
				events <- string(e)
				return nil
			})
		}()
		_, _ = io.WriteString(w, "x 1\n 2\n")
		time.Sleep(2 * eventWait)
		if got := <-events; got != "x 1\n 2" {
			t.Errorf("event %q", got)
		}
		w.Close()
	})
}

func TestLongEventIsCut(t *testing.T) {
	n := 0
	err := copyEvents(strings.NewReader(strings.Repeat(strings.Repeat("y", 1000)+"\n", 1000)), "^x", func(e []byte) error {
		if len(e) > maxLine {
			t.Errorf("an event of %d bytes", len(e))
		}
		n++
		return nil
	})
	if err != nil || n < 4 {
		t.Errorf("%d events, %v", n, err)
	}
}
