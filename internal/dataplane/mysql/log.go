package mysql

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A LogFile is one of a server's logs.
type LogFile struct {
	Name    string // "error", "slow" or "general"
	Size    int64
	Written time.Time
}

// logPaths are the logs by their names, in order, below an instance's directory.
var logPaths = []struct{ name, path string }{
	{"error", "supervisor/log"},
	{"general", "home/general.log"},
	{"slow", "home/slow.log"},
}

// LogFiles lists the logs that an instance has written.
func LogFiles(dir string) ([]LogFile, error) {
	var all []LogFile
	for _, l := range logPaths {
		info, err := os.Stat(filepath.Join(dir, l.path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, LogFile{l.name, info.Size(), info.ModTime()})
	}
	return all, nil
}

// ReadLog reads up to limit bytes of a log from an offset on.
func ReadLog(dir, name string, offset, limit int64) ([]byte, error) {
	for _, l := range logPaths {
		if l.name != name {
			continue
		}
		f, err := os.Open(filepath.Join(dir, l.path))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.NewSectionReader(f, offset, limit))
	}
	return nil, fs.ErrNotExist
}
