package task

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"apex/internal/dataplane/logfile"
)

// copied returns what copyLines passes on, a batch in one string.
func copied(t rapid.TB, r io.Reader) (lines []string) {
	err := copyLines(r, func(batch [][]byte) error {
		for _, line := range batch {
			lines = append(lines, string(line))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// However a container's writes are cut, its lines arrive whole and in order.
func TestLinesArriveWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOf(rapid.StringOfN(rapid.RuneFrom([]rune("ab ")), 0, 9, -1)).Draw(r, "lines")
		text, want := strings.Join(words, "\n"), []string(nil)
		for _, w := range words {
			if w != "" {
				want = append(want, w)
			}
		}
		for name, reader := range map[string]io.Reader{
			"at once":   strings.NewReader(text),
			"by bytes":  iotest.OneByteReader(strings.NewReader(text)),
			"by halves": iotest.HalfReader(strings.NewReader(text)),
		} {
			if diff := cmp.Diff(want, copied(r, reader)); diff != "" {
				r.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestLongLineComesInPieces(t *testing.T) {
	long := strings.Repeat("x", maxLine+10)
	got := copied(t, strings.NewReader("a\n"+long+"\nb"))
	if len(got) != 4 || got[0] != "a" || got[1]+got[2] != long || got[3] != "b" {
		t.Errorf("%d lines", len(got))
	}
}

// A full disk does not keep the container from writing on.
func TestFailureDoesNotEndTheCopying(t *testing.T) {
	full, calls := errors.New("disk full"), 0
	err := copyLines(iotest.OneByteReader(strings.NewReader("a\nb\nc\n")), func([][]byte) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// All that a container wrote is in its log when finish returns.
func TestFinishWaitsForTheLastLine(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		o, err := openOutput(Container{LogDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 500 {
			fmt.Fprintf(o.stdout.file, "line %d\n", i)
		}
		fmt.Fprint(o.stderr.file, "without an end")
		if err := o.finish(); err != nil {
			t.Fatal(err)
		}
		events, _, err := logfile.Read(dir, logfile.Query{})
		if err != nil || len(events) != 501 {
			t.Fatalf("%d events, %v", len(events), err)
		}
	}
}

// BenchmarkCopy is a program that writes lines to a pipe, from which they get to
// its durable log; BenchmarkPlainWrite one that writes them to a file itself.
func BenchmarkCopy(b *testing.B) {
	o, err := openOutput(Container{LogDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	feed(b, o.stdout.file)
	if err := o.finish(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPlainWrite(b *testing.B) {
	file, err := os.Create(b.TempDir() + "/log")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	feed(b, file)
}

// feed writes lines of 150 bytes.
func feed(b *testing.B, to *os.File) {
	line := append(bytes.Repeat([]byte("x"), 149), '\n')
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := to.Write(line); err != nil {
			b.Fatal(err)
		}
	}
}
