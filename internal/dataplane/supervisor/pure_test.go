package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b backoff
		last := time.Duration(0)
		for _, steady := range rapid.SliceOf(rapid.Bool()).Draw(t, "runs") {
			ran := time.Millisecond
			if steady {
				ran = steadyRun
			}
			d := b.next(ran)
			switch {
			case steady && d != 0:
				t.Fatalf("waits %v after a steady run", d)
			case !steady && (d < firstDelay || d > lastDelay || d < last):
				t.Fatalf("waits %v after %v", d, last)
			}
			last = d
		}
	})
}

func TestRotatingLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	for range 3 { // reopened: the size is known again
		log := openLog(path, 100)
		for range 10 {
			if n, err := log.Write([]byte(strings.Repeat("x", 29) + "\n")); n != 30 || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Size() > 100 || info.Size()%30 != 0 {
			t.Errorf("%s: %v bytes, %v", name, info.Size(), err)
		}
	}
}

func TestRotatingLogTakesAllWithoutAFile(t *testing.T) {
	log := openLog(filepath.Join(t.TempDir(), "missing", "log"), 100)
	if n, err := log.Write([]byte("lost")); n != 4 || err != nil {
		t.Error(n, err)
	}
}

func TestSameProcess(t *testing.T) {
	a := Spec{Name: "a", Path: "/bin/true", Executable: "/usr/bin/apex"}
	b := a
	b.Executable, b.Args = "/opt/apex", nil
	if !sameProcess(a, b) {
		t.Error("another apex binary counts as another process")
	}
	b.UID = 1
	if sameProcess(a, b) {
		t.Error("another user counts as the same process")
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (a) b) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 77 1 2"))
	f.Add([]byte("42 (sleep) Z"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		start, state, err := parseStat(data)
		if err != nil && (start != 0 || state != 0) {
			t.Errorf("values %d %c with error %v", start, state, err)
		}
	})
}

func TestParseStat(t *testing.T) {
	start, state, err := parseStat([]byte("42 (a) b) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 77 1 2"))
	if start != 77 || state != 'S' || err != nil {
		t.Errorf("got %d %c %v", start, state, err)
	}
}
