package logfile

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary stand for a supervisor that writes until it is
// killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LOGFILE_TEST_WRITE"); dir != "" {
		writeForever(dir)
	}
	if dir := os.Getenv("LOGFILE_TEST_PACK"); dir != "" {
		fmt.Println("packing")
		fmt.Println(Pack(dir))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writeForever prints the number of each event after its Append returned.
func writeForever(dir string) {
	w, err := OpenWriter(dir)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	w.limit = 64 << 10
	for i := 0; ; i++ {
		if err := w.Append(time.Now(), fmt.Append(nil, i)); err != nil {
			os.Exit(1)
		}
		fmt.Println(i)
	}
}

func TestKilledWriterLosesNothingAnswered(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOGFILE_TEST_WRITE="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answered := -1
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if answered++; lines.Text() != fmt.Sprint(answered) {
			t.Fatalf("writer says %q", lines.Text())
		}
		if answered == 5000 {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	w, err := OpenWriter(dir) // the lock died with its owner
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Append(epoch, []byte("after"))
	events, _, err := Read(dir, Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) < answered+2 {
		t.Fatalf("%d events of %d answered", len(events), answered+2)
	}
	for i, e := range events[:len(events)-1] {
		if string(e.Message) != fmt.Sprint(i) {
			t.Fatalf("event %d is %q", i, e.Message)
		}
	}
}

func TestTornTailIsCut(t *testing.T) {
	whole := t.TempDir()
	write(t, whole, 3).Close()
	file, err := os.ReadFile(segmentPath(whole, 1))
	if err != nil {
		t.Fatal(err)
	}
	for size := range len(file) {
		dir := t.TempDir()
		if err := os.WriteFile(segmentPath(dir, 1), file[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		before, _ := read(t, dir, Query{})
		backward, _ := read(t, dir, Query{Backward: true})
		w := open(t, dir)
		w.Append(at(9), []byte("new"))
		w.Close()
		after, _ := read(t, dir, Query{})
		if want := strings.TrimSpace(before + " new"); after != want || backward != before {
			t.Fatalf("cut at %d: before %q, backward %q, after %q", size, before, backward, after)
		}
	}
}

func TestTornHeaderOfNextSegment(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, 4)
	w.create(w.number+1, w.written)
	w.Close()
	os.Truncate(segmentPath(dir, w.number), 10)
	open(t, dir).Append(at(4), []byte("4"))
	if got, _ := read(t, dir, Query{From: at(3)}); got != "3 4" {
		t.Errorf("read %q", got)
	}
}

func TestDamagedFrameEndsItsSegmentOnly(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 12).Close()
	file, err := os.ReadFile(segmentPath(dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	file[headerSize+overhead+1+frameHead+bodyHead] ^= 1 // in the second event
	os.WriteFile(segmentPath(dir, 1), file, 0o600)
	if got, _ := read(t, dir, Query{}); !strings.HasPrefix(got, "0 ") || !strings.HasSuffix(got, "9 10 11") {
		t.Errorf("read %q", got)
	}
}

func TestFollow(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		w := open(t, dir)
		for i := range 200 {
			w.Append(at(-i), fmt.Append(nil, i))
			if i == 100 {
				w.Close()
				w = open(t, dir)
			}
		}
	}()
	n := 0
	for e, err := range Follow(ctx, dir, Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if string(e.Message) != fmt.Sprint(n) {
			t.Fatalf("event %d is %q", n, e.Message)
		}
		if n++; n == 200 {
			break
		}
	}
	if n != 200 {
		t.Errorf("%d events", n)
	}
}

func FuzzRead(f *testing.F) {
	good := appendFrame(encodeHeader(emptySpan()), 1, 2, []byte("hello"))
	f.Add(good)
	f.Add(appendFrame(bytes.Clone(good), 3, 4, nil))
	f.Add(good[:40])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(segmentPath(dir, 1), file, 0o600); err != nil {
			t.Fatal(err)
		}
		forward, end, err := Read(dir, Query{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(dir, Query{Backward: true}); err != nil {
			t.Fatal(err)
		}
		w := open(t, dir)
		w.limit = segmentSize
		w.Append(epoch, []byte("new"))
		w.Close()
		if again, _ := read(t, dir, Query{After: end}); again != "new" {
			t.Fatalf("after %d events: read %q", len(forward), again)
		}
		all, _, _ := Read(dir, Query{})
		back, _, _ := Read(dir, Query{Backward: true})
		if text(all) != text(back) || len(all) != len(forward)+1 {
			t.Fatalf("forward %q, backward %q", text(all), text(back))
		}
	})
}
