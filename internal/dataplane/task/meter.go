package task

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"apex/internal/dataplane/task/cgroup"
)

// Stats are what a task uses, and each of its containers.
type Stats struct {
	At         time.Time
	Task       cgroup.Stats
	Containers map[string]cgroup.Stats // those that have started
	Network    []Traffic               // of the task's interfaces but loopback
}

// Traffic is what passed through one interface since it was made.
type Traffic struct {
	Interface                               string
	RxBytes, RxPackets, RxErrors, RxDropped int64
	TxBytes, TxPackets, TxErrors, TxDropped int64
}

// A Meter reads what one task uses, again and again, through descriptors that it
// keeps. It must be closed. It is not for several goroutines at once.
type Meter struct {
	names      []string // of the containers
	group      cgroup.Group
	task       *cgroup.Reader
	containers map[string]*cgroup.Reader
	network    *os.File // nil until a container has run
	dir        string
}

// OpenMeter opens the counters of the task in dir, which must have started.
func OpenMeter(dir string) (*Meter, error) {
	var r record
	if err := readJSON(filepath.Join(dir, "task.json"), &r); err != nil {
		return nil, err
	}
	s, err := readState(dir)
	if err != nil {
		return nil, err
	}
	m := &Meter{dir: dir, containers: map[string]*cgroup.Reader{}}
	for _, c := range s.Containers {
		m.names = append(m.names, c.Name)
	}
	if m.group, err = r.group(); err != nil {
		return nil, err
	}
	if m.task, err = m.group.Open(); err != nil {
		return nil, err
	}
	m.openNetwork(s)
	return m, nil
}

// openNetwork opens the interfaces' counters by way of any container: all share
// one network namespace.
func (m *Meter) openNetwork(s State) {
	for _, c := range s.Containers {
		if c.PID == 0 {
			continue
		}
		if f, err := os.Open("/proc/" + strconv.Itoa(c.PID) + "/net/dev"); err == nil {
			m.network = f
			return
		}
	}
}

// Close closes the descriptors.
func (m *Meter) Close() {
	m.task.Close()
	for _, r := range m.containers {
		r.Close()
	}
	if m.network != nil {
		m.network.Close()
	}
}

// Read reads the counters by way of scratch, which has at least cgroup.Scratch
// bytes. It fails once the task has ended.
func (m *Meter) Read(now time.Time, scratch []byte) (Stats, error) {
	s := Stats{At: now, Containers: make(map[string]cgroup.Stats, len(m.names))}
	var err error
	if s.Task, err = m.task.Read(scratch); err != nil {
		return Stats{}, err
	}
	if len(m.names) == 1 { // what it uses is what the task uses
		s.Containers[m.names[0]] = s.Task
	} else if err := m.readContainers(s.Containers, scratch); err != nil {
		return Stats{}, err
	}
	s.Network, err = m.readNetwork(scratch)
	return s, err
}

func (m *Meter) readNetwork(scratch []byte) ([]Traffic, error) {
	if m.network == nil {
		state, err := readState(m.dir)
		if err != nil {
			return nil, err
		}
		if m.openNetwork(state); m.network == nil {
			return nil, nil
		}
	}
	n, err := m.network.ReadAt(scratch, 0)
	if n == 0 && err != nil {
		return nil, fmt.Errorf("read traffic of task in %s: %w", m.dir, err)
	}
	return traffic(scratch[:n]), nil
}

func (m *Meter) readContainers(into map[string]cgroup.Stats, scratch []byte) error {
	for _, name := range m.names {
		r := m.containers[name]
		if r == nil {
			var err error
			r, err = m.group.Below(name).Open()
			if errors.Is(err, fs.ErrNotExist) { // it waits for others
				continue
			}
			if err != nil {
				return err
			}
			m.containers[name] = r
		}
		used, err := r.Read(scratch)
		if err != nil {
			return err
		}
		into[name] = used
	}
	return nil
}

// ReadStats reads the counters of a running task once.
func ReadStats(dir string) (Stats, error) {
	m, err := OpenMeter(dir)
	if err != nil {
		return Stats{}, err
	}
	defer m.Close()
	return m.Read(time.Now(), make([]byte, cgroup.Scratch))
}

// traffic reads the format of /proc/net/dev: two lines of headings, then
// "name: bytes packets errs drop …" with eight columns for each direction.
func traffic(text []byte) []Traffic {
	var all []Traffic
	for line := range bytes.Lines(text) {
		name, rest, found := bytes.Cut(line, []byte(":"))
		columns := bytes.Fields(rest)
		if name = bytes.TrimSpace(name); !found || len(columns) < 16 || string(name) == "lo" {
			continue
		}
		var n [16]int64
		for i := range n {
			n[i], _ = strconv.ParseInt(string(columns[i]), 10, 64)
		}
		all = append(all, Traffic{
			Interface: string(name),
			RxBytes:   n[0], RxPackets: n[1], RxErrors: n[2], RxDropped: n[3],
			TxBytes: n[8], TxPackets: n[9], TxErrors: n[10], TxDropped: n[11],
		})
	}
	return all
}
