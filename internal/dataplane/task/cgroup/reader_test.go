package cgroup

import (
	"testing"
)

func TestPair(t *testing.T) {
	const text = "inactive_file 1\ntotal_inactive_file 4096\nlast 7"
	for name, want := range map[string]int64{"inactive_file": 1, "total_inactive_file": 4096, "last": 7, "file": 0, "total": 0} {
		if got := pair([]byte(text), name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

func TestTransferred(t *testing.T) {
	for name, text := range map[string]string{
		"version 1": "8:0 Read 4096\n8:0 Write 10\n8:0 Sync 0\n8:16 Read 4\n8:16 Write 2\nTotal 4112\n",
		"version 2": "8:0 rbytes=4096 wbytes=10 rios=1 wios=1\n8:16 rbytes=4 wbytes=2 rios=1\n",
	} {
		if read, written := transferred([]byte(text)); read != 4100 || written != 12 {
			t.Errorf("%s: read %d, written %d; want 4100, 12", name, read, written)
		}
	}
}
