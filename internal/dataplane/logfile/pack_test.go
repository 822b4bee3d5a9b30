package logfile

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// files lists a stream's segments and what else lies there.
func files(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimLeft(e.Name(), "0"))
	}
	return strings.Join(names, " ")
}

func TestPackKeepsEventsAndPositions(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, 12)
	before, _, _ := Read(dir, Query{})
	if err := Pack(dir); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); got != "1.segz 2.segz 3.seg lock" {
		t.Errorf("files: %s", got)
	}
	after, _, _ := Read(dir, Query{})
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("events (-before +after):\n%s", diff)
	}
	for i, e := range before {
		rest, _ := read(t, dir, Query{After: e.Position})
		head, _ := read(t, dir, Query{After: e.Position, Backward: true})
		if rest != text(before[i:]) || head != text(before[:i]) {
			t.Errorf("around %v: %q and %q", e.Position, head, rest)
		}
	}
	w.Append(at(12), []byte("12"))
	w.Close()
	open(t, dir).Append(at(13), []byte("13"))
	if got, _ := read(t, dir, Query{From: at(11)}); got != "11 12 13" {
		t.Errorf("after a reopening: %q", got)
	}
	if err := DeleteBefore(dir, at(9)); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); strings.Contains(got, "1.seg") {
		t.Errorf("files after the deletion: %s", got)
	}
}

// Blocks are cut at frames, and those of other times are not looked into.
func TestPackInBlocks(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	w.limit = segmentSize
	for i := range 40 {
		w.Append(at(i), fmt.Appendf(nil, "%d%s", i, strings.Repeat("x", 50_000)))
	}
	w.Append(at(40), bytes.Repeat([]byte("y"), MaxMessage))
	w.Close()
	if err := Pack(dir); err != nil {
		t.Fatal(err)
	}
	file, index, err := openSegment(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n := len(index.blocks); n != 9 {
		t.Errorf("%d blocks", n)
	}
	damage(t, packedPath(dir, 1), index.blocks[2].at+20)
	for _, backward := range []bool{false, true} {
		events, _, err := Read(dir, Query{From: at(20), To: at(41), Backward: backward})
		if err != nil || len(events) != 21 || !bytes.HasPrefix(events[0].Message, []byte("20x")) {
			t.Errorf("backward %v: %d events, %v", backward, len(events), err)
		}
	}
	if events, _, err := Read(dir, Query{}); err != nil || len(events) != 10 {
		t.Errorf("%d events before the damage, %v", len(events), err)
	}
}

func damage(t testing.TB, path string, at int64) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[at] ^= 0x55
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedIndexEndsItsSegmentOnly(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 12).Close()
	if err := Pack(dir); err != nil {
		t.Fatal(err)
	}
	info, _ := os.Stat(packedPath(dir, 1))
	damage(t, packedPath(dir, 1), info.Size()-10)
	forward, _ := read(t, dir, Query{})
	backward, _ := read(t, dir, Query{Backward: true})
	if forward != backward || forward == "" || strings.HasPrefix(forward, "0 ") {
		t.Errorf("forward %q, backward %q", forward, backward)
	}
}

// Wherever a packer dies, the stream is whole, and the next one ends its work.
func TestPackAfterDeathAtEachStep(t *testing.T) {
	for name, die := range map[string]func(dir string, plain []byte){
		"before the rename": func(dir string, plain []byte) {
			os.WriteFile(filepath.Join(dir, "0000000001.77.tmp"), plain[:40], 0o600)
		},
		"before the removal": func(dir string, plain []byte) {
			compressed, err := compress(plain)
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(packedPath(dir, 1), compressed, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, 12)
			want, _ := read(t, dir, Query{})
			plain, err := os.ReadFile(segmentPath(dir, 1))
			if err != nil {
				t.Fatal(err)
			}
			die(dir, plain)
			for _, step := range []string{"after the death", "after the next Pack"} {
				for _, backward := range []bool{false, true} {
					if got, _ := read(t, dir, Query{Backward: backward}); got != want {
						t.Errorf("%s: %q", step, got)
					}
				}
				if err := Pack(dir); err != nil {
					t.Fatal(err)
				}
			}
			long := time.Now().Add(-time.Hour)
			os.Chtimes(filepath.Join(dir, "0000000001.77.tmp"), long, long)
			Pack(dir)
			if got := files(t, dir); got != "1.segz 2.segz 3.seg lock" {
				t.Errorf("files: %s", got)
			}
		})
	}
}

func TestKilledPacker(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	w.limit = 64 << 10
	for i := range 3000 {
		w.Append(at(i), fmt.Append(nil, i, strings.Repeat(" word", 40)))
	}
	want, _ := read(t, dir, Query{})
	for range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LOGFILE_TEST_PACK="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		bufio.NewReader(out).ReadString('\n')
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		if got, _ := read(t, dir, Query{}); got != want {
			t.Fatalf("after a kill %d of %d bytes are left", len(got), len(want))
		}
	}
}

// A follower and readers see every event once, in order, while segments are
// compressed under them.
func TestPackDisturbsNobody(t *testing.T) {
	dir := t.TempDir()
	const events = 2000
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var work sync.WaitGroup
	defer work.Wait()
	w := open(t, dir)
	w.limit = 4 << 10
	work.Go(func() {
		for i := range events {
			w.Append(at(i), fmt.Append(nil, i))
		}
	})
	packing, stop := context.WithCancel(ctx)
	defer stop()
	for range 2 { // an old region and a new one
		work.Go(func() {
			for packing.Err() == nil {
				if err := Pack(dir); err != nil {
					t.Error(err)
				}
			}
		})
	}
	n := 0
	for e, err := range Follow(ctx, dir, Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if string(e.Message) != fmt.Sprint(n) {
			t.Fatalf("event %d is %q", n, e.Message)
		}
		if n%100 == 0 {
			if back, _, err := Read(dir, Query{After: e.Next(), Backward: true}); err != nil || len(back) != n+1 {
				t.Fatalf("%d events behind event %d, %v", len(back), n, err)
			}
		}
		if n++; n == events {
			break
		}
	}
	if n != events {
		t.Errorf("%d events", n)
	}
}

func TestGrown(t *testing.T) {
	dir := t.TempDir()
	if Grown(dir+"/none", Position{}) {
		t.Error("an absent stream has grown")
	}
	w := open(t, dir)
	if Grown(dir, Position{}) {
		t.Error("an empty stream has grown")
	}
	w.Close()
	w = write(t, dir, 12)
	for range 2 {
		_, end := read(t, dir, Query{})
		if Grown(dir, end) {
			t.Errorf("grown after its end %v", end)
		}
		if !Grown(dir, Position{}) || !Grown(dir, Position{1, headerSize}) {
			t.Error("not grown after its start")
		}
		w.Append(at(12), []byte("more"))
		if !Grown(dir, end) {
			t.Error("not grown after an append")
		}
		Pack(dir)
	}
}

func FuzzPacked(f *testing.F) {
	dir := f.TempDir()
	write(f, dir, 12).Close()
	Pack(dir)
	good, err := os.ReadFile(packedPath(dir, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:50])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		dir := t.TempDir()
		os.WriteFile(packedPath(dir, 1), file, 0o600)
		os.WriteFile(segmentPath(dir, 2), appendFrame(encodeHeader(span{1, 2}), 3, 4, []byte("new")), 0o600)
		for _, backward := range []bool{false, true} {
			events, _, err := Read(dir, Query{Backward: backward})
			if err != nil || len(events) == 0 || string(events[len(events)-1].Message) != "new" {
				t.Fatalf("backward %v: %d events, %v", backward, len(events), err)
			}
		}
		chunks, err := Chunks(dir, Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chunks {
			if err := c.Scan(func(Event) bool { return true }); err != nil {
				t.Fatal(err)
			}
		}
	})
}
