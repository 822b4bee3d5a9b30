package logfile

import (
	"os"
	"time"
)

// An Info sums up a stream. Times are zero if it has no events.
type Info struct {
	First        time.Time // the first event's
	Last         time.Time // the last event's
	LastIngested time.Time
	Bytes        int64 // on disk
}

// Stat sums up the stream in dir; one that is not there is empty.
func Stat(dir string) (Info, error) {
	first, _, err := Read(dir, Query{Limit: 1})
	if err != nil {
		return Info{}, err
	}
	last, _, err := Read(dir, Query{Limit: 1, Backward: true})
	if err != nil {
		return Info{}, err
	}
	numbers, err := segments(dir)
	if err != nil {
		return Info{}, err
	}
	var info Info
	for _, n := range numbers {
		for _, path := range []string{segmentPath(dir, n), packedPath(dir, n)} {
			if file, err := os.Stat(path); err == nil { // else in the other form, or deleted meanwhile
				info.Bytes += file.Size()
			}
		}
	}
	if len(first) > 0 && len(last) > 0 {
		info.First, info.Last, info.LastIngested = first[0].Time, last[0].Time, last[0].Ingested
	}
	return info, nil
}
