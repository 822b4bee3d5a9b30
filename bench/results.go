package main

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// results are the values of metrics, one for each time that the benchmark ran.
// A key is the last element of the package's path, the benchmark and the metric:
// "task.Start/exec ns/op".
type results map[string][]float64

// read takes the output of `go test -bench` of any number of packages and
// passes it on to progress.
func read(in io.Reader, progress io.Writer) (results, error) {
	seen, pkg := results{}, ""
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fmt.Fprintln(progress, lines.Text())
		if name, ok := strings.CutPrefix(lines.Text(), "pkg: "); ok {
			pkg = path.Base(name)
		}
		seen.add(pkg, strings.Fields(lines.Text()))
	}
	return seen, lines.Err()
}

// add takes one line: the benchmark's name, how often it ran, and pairs of a
// value and its unit. Other lines it leaves alone.
func (r results) add(pkg string, fields []string) {
	if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
		return
	}
	name := strings.TrimPrefix(fields[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 { // "-2" is GOMAXPROCS
		name = name[:i]
	}
	for i := 2; i < len(fields); i += 2 {
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
			key := pkg + "." + name + " " + fields[i+1]
			r[key] = append(r[key], v)
		}
	}
}

// median is the upper one of an even number of values.
func median[T int64 | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}
