package apexai

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// changedFile gives the stack other log retention, which touches no task, and
// then the studio another variable, which rolls its tasks and no others, under
// load.
func changedFile(t *testing.T, s stack) {
	before := s.tasks(t)
	path := s.edited(t, "retention: 7 days", "retention: 14 days")
	if got := s.upWith(t, path); got.Updated != 3 || got.Created+got.Deleted != 0 {
		t.Errorf("another retention of three log groups: %+v", got)
	}
	if after := s.tasks(t); !sameTasks(before, after) {
		t.Errorf("tasks were %v and are %v", before, after)
	}

	l := startLoad(t, s.url("/"), s.url("/api/v1/people"))
	path = s.edited(t, "build: ./crm/cmd/studio", "build: ./crm/cmd/studio\n    environment: {LOG_LEVEL: warn}")
	s.upWith(t, path)
	l.mustNotFail(t)
	kept := 0
	for arn := range s.tasks(t) {
		if before[arn] {
			kept++
		}
	}
	if kept != 3 {
		t.Errorf("%d of the 5 tasks are still there, want the server's two and the stand-ins'", kept)
	}
	s.Apex(t, "up") // as it was
}

// edited returns the path of a copy of apex.yaml with one text replaced. The
// programs that it builds are where they were, by a link.
func (s stack) edited(t *testing.T, old, replacement string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "apex.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("apex.yaml has no %q", old)
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(root, "crm"), filepath.Join(dir, "crm")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "apex.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, replacement, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// counts are what `apex up --output json` did.
type counts struct{ Created, Updated, Deleted, Unchanged int }

func (s stack) upWith(t *testing.T, path string) (c counts) {
	t.Helper()
	out := s.Apex(t, "up", "--file", path, "--output", "json")
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return c
}
