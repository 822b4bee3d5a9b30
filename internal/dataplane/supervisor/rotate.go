package supervisor

import (
	"fmt"
	"os"
	"sync"
)

// maxLog bounds DIR/log; one older file of the same size is kept beside it.
const maxLog = 4 << 20

// A rotatingLog appends to a file and puts it aside as path.1 when it is full.
// It never refuses data: what a full disk does not take is dropped, because a
// process must not stop over its log.
type rotatingLog struct {
	path string
	max  int64

	mu   sync.Mutex
	file *os.File // nil if it could not be opened
	size int64
}

func openLog(path string, limit int64) *rotatingLog {
	l := &rotatingLog{path: path, max: limit}
	l.reopen()
	return l
}

// Write implements io.Writer; it always takes all of p.
func (l *rotatingLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size > 0 && l.size+int64(len(p)) > l.max {
		l.rotate()
	}
	if l.file == nil {
		l.reopen()
	}
	if l.file != nil {
		n, _ := l.file.Write(p)
		l.size += int64(n)
	}
	return len(p), nil
}

// note adds a line of the supervisor's own.
func (l *rotatingLog) note(format string, args ...any) {
	fmt.Fprintf(l, "supervise: "+format+"\n", args...)
}

func (l *rotatingLog) rotate() {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	_ = os.Rename(l.path, l.path+".1")
	l.reopen()
}

func (l *rotatingLog) reopen() {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		l.file, l.size = nil, 0
		return
	}
	l.file, l.size = f, 0
	if info, err := f.Stat(); err == nil {
		l.size = info.Size()
	}
}
