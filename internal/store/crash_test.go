package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"apex/internal/store"
)

const writerEnv = "STORE_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		writeForever(path)
	}
	os.Exit(m.Run())
}

// writeForever commits from eight writers and names each object on standard
// output once Update has answered.
func writeForever(path string) {
	s, err := store.Open(path, animals)
	if err != nil {
		panic(err)
	}
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d/%d", w, i)
				if s.Update(context.Background(), func(tx *store.Tx) error {
					animals.Put(tx, animal{Key: key, Legs: i})
					return nil
				}) == nil {
					os.Stdout.WriteString(key + "\n")
				}
			}
		}()
	}
	select {}
}

func TestKilledProcessLosesNoAnsweredWrite(t *testing.T) {
	for round := range 5 {
		path := filepath.Join(t.TempDir(), "store")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writerEnv+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var answered []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			answered = append(answered, lines.Text())
			if len(answered) == 50*(round+1) {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		snap := open(t, path).Snapshot()
		for _, key := range answered {
			if _, ok := animals.Get(snap, key); !ok {
				t.Errorf("round %d: %s was answered and is lost (of %d)", round, key, len(answered))
			}
		}
	}
}

// TestFullDiskRefusesAndKeepsWhatWasAnswered fills a small tmpfs.
func TestFullDiskRefusesAndKeepsWhatWasAnswered(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	path := filepath.Join(dir, "store")
	s, err := store.Open(path, animals)
	if err != nil {
		t.Fatal(err)
	}
	filler := strings.Repeat("x", 4096)
	var mu sync.Mutex
	var wg sync.WaitGroup
	answered, refused := []string{}, 0
	for w := range 4 {
		wg.Go(func() {
			for i := range 400 {
				key := fmt.Sprintf("%d/%d", w, i)
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					animals.Put(tx, animal{Key: key, Tags: map[string]string{"filler": filler}})
					return nil
				})
				mu.Lock()
				if err == nil {
					answered = append(answered, key)
				} else {
					refused++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if refused == 0 || len(answered) == 0 {
		t.Fatalf("%d answered, %d refused: the disk did not fill in between", len(answered), refused)
	}
	if got := animals.Len(s.Snapshot()); got != len(answered) {
		t.Errorf("the snapshot holds %d objects, %d were answered", got, len(answered))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(path, animals)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, key := range answered {
		if _, ok := animals.Get(s.Snapshot(), key); !ok {
			t.Errorf("%s was answered and is lost", key)
		}
	}
}
