package cgroup

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"
)

// A Reader reads a group's counters again and again through descriptors that it
// keeps: five a group, and a tenth of the time that opening them each time
// costs. It must be closed. It is not for several goroutines at once.
type Reader struct {
	path  string
	files [counters]int // descriptors; -1 where the machine has no such file
	names [counters]string
	v1    map[string]string
	limit int64
	reads int
	slow  Stats // what the files that are not read each time said last
}

// slowReads is how many readings share one of the throttling and of the number of
// processes, which people look at and nothing decides by.
const slowReads = 5

// The files that a Reader keeps open.
const (
	cpuFile = iota // v1: cpuacct.usage
	throttleFile
	memoryFile
	cacheFile
	pidsFile
	diskFile
	counters
)

// Scratch is the space that Read needs: the longest of the files, memory.stat.
const Scratch = 16 << 10

// Open opens the group's counters.
func (g Group) Open() (*Reader, error) {
	r := &Reader{path: g.path, v1: g.mounts.v1}
	for i := range r.files {
		r.files[i] = -1
	}
	var err error
	for i, f := range r.wanted() {
		if f.name == "" {
			continue
		}
		r.names[i] = f.name
		r.files[i], err = unix.Open(g.file(f.controller, f.name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil && !(f.optional && errors.Is(err, fs.ErrNotExist)) {
			r.Close()
			return nil, fmt.Errorf("open %s of cgroup %s: %w", f.name, g.path, err)
		}
	}
	limit := "memory.max"
	if g.mounts.v1["memory"] != "" {
		limit = "memory.limit_in_bytes"
	}
	if r.limit, err = readInt(g.file("memory", limit)); err != nil {
		r.Close()
		return nil, fmt.Errorf("open cgroup %s: %w", g.path, err)
	}
	return r, nil
}

// A counterFile is where a counter is; one without a name is in another's file.
type counterFile struct {
	controller, name string
	optional         bool
}

func (r *Reader) wanted() [counters]counterFile {
	files := [counters]counterFile{
		cpuFile:      {"cpuacct", "cpuacct.usage", false},
		throttleFile: {"cpu", "cpu.stat", false},
		memoryFile:   {"memory", "memory.usage_in_bytes", false},
		cacheFile:    {"memory", "memory.stat", false},
		pidsFile:     {"pids", "pids.current", false},
		diskFile:     {disk, "blkio.throttle.io_service_bytes_recursive", true},
	}
	if r.v1["cpuacct"] == "" {
		files[cpuFile].name = "" // cpu.stat has it
	}
	if r.v1["memory"] == "" {
		files[memoryFile].name = "memory.current"
	}
	if r.v1[disk] == "" {
		files[diskFile].name = "io.stat"
	}
	return files
}

// Close closes the descriptors.
func (r *Reader) Close() {
	for i, fd := range r.files {
		if fd >= 0 {
			unix.Close(fd)
			r.files[i] = -1
		}
	}
}

// Read reads all counters but OOMKills by way of scratch. It fails once the group
// is gone.
func (r *Reader) Read(scratch []byte) (Stats, error) {
	s := r.slow
	s.MemoryLimit = r.limit
	slow := r.reads%slowReads == 0
	r.reads++
	for i, fd := range r.files {
		if fd < 0 || !slow && r.isSlow(i) {
			continue
		}
		n, err := unix.Pread(fd, scratch, 0)
		if err != nil {
			return Stats{}, fmt.Errorf("read %s of cgroup %s: %w", r.names[i], r.path, err)
		}
		r.take(&s, i, scratch[:n])
	}
	s.Memory = max(s.Held-s.Cache, 0)
	r.slow = Stats{Periods: s.Periods, Throttled: s.Throttled, ThrottledFor: s.ThrottledFor, PIDs: s.PIDs}
	return s, nil
}

// isSlow reports whether a file is not read each time. In version 2, the file of
// throttling has the CPU time too.
func (r *Reader) isSlow(file int) bool {
	return file == pidsFile || file == throttleFile && r.files[cpuFile] >= 0
}

func (r *Reader) take(s *Stats, file int, text []byte) {
	switch file {
	case cpuFile:
		s.CPU = nanoseconds(leading(text))
	case throttleFile:
		s.Periods, s.Throttled = pair(text, "nr_periods"), pair(text, "nr_throttled")
		if r.files[cpuFile] < 0 {
			s.CPU = 1000 * nanoseconds(pair(text, "usage_usec"))
		}
		s.ThrottledFor = nanoseconds(pair(text, "throttled_time")) + 1000*nanoseconds(pair(text, "throttled_usec"))
	case memoryFile:
		s.Held = leading(text)
	case cacheFile:
		name := "inactive_file"
		if r.v1["memory"] != "" {
			name = "total_inactive_file"
		}
		s.Cache = pair(text, name)
	case pidsFile:
		s.PIDs = leading(text)
	case diskFile:
		s.Read, s.Written = transferred(text)
	}
}

// leading is the number at the beginning of text.
func leading(text []byte) (n int64) {
	for _, c := range text {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

// pair is the number after a name in lines of "name number"; 0 without it.
func pair(text []byte, name string) int64 {
	for len(text) > 0 {
		line := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			line, text = text[:end], text[end+1:]
		} else {
			text = nil
		}
		if len(line) > len(name) && line[len(name)] == ' ' && string(line[:len(name)]) == name {
			return leading(line[len(name)+1:])
		}
	}
	return 0
}

// transferred adds up the devices: version 1 has lines "8:0 Read 4096", version 2
// "8:0 rbytes=4096 wbytes=0 …".
func transferred(text []byte) (read, written int64) {
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[1]) == "Read" {
			read += leading(fields[2])
		}
		if len(fields) == 3 && string(fields[1]) == "Write" {
			written += leading(fields[2])
		}
		for _, f := range fields {
			if n, ok := bytes.CutPrefix(f, []byte("rbytes=")); ok {
				read += leading(n)
			}
			if n, ok := bytes.CutPrefix(f, []byte("wbytes=")); ok {
				written += leading(n)
			}
		}
	}
	return read, written
}
