package house

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A merge that was never finished is text that nobody meant.
func TestNoMergeIsHalfDone(t *testing.T) {
	looked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "bin" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		looked++
		for n, line := range bytes.Split(text, []byte("\n")) {
			if bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")) {
				t.Errorf("%s:%d: a conflict is left: %s", path, n+1, line)
			}
		}
		return err
	})
	if err != nil || looked < 100 {
		t.Errorf("%d files looked at, %v", looked, err)
	}
}
