// Command bench reads the output of Go benchmarks and prints how the figures
// stand against what they are held against: a peer that was measured in the same
// run, or a limit. bench/run.sh runs the benchmarks and pipes them here.
//
// It exits with 1 if a goal is missed, or a figure is missing.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out, progress io.Writer) error {
	seen, err := read(in, progress)
	if err != nil {
		return fmt.Errorf("read the benchmarks: %w", err)
	}
	text, missed := table(goals, seen)
	fmt.Fprintf(out, "%s, %s:\n\n%s", time.Now().UTC().Format(time.DateOnly), machine(), text)
	if missed > 0 {
		return fmt.Errorf("%d of %d goals missed", missed, len(goals))
	}
	return nil
}

// machine says on what kind of machine this runs: "2 cores, Linux 6.1, go1.26.8".
func machine() string {
	return fmt.Sprintf("%d cores, %s, %s", runtime.NumCPU(), kernel(), runtime.Version())
}

func kernel() string {
	var u syscall.Utsname
	if syscall.Uname(&u) != nil {
		return runtime.GOOS
	}
	var release []byte
	for _, c := range u.Release {
		if c == 0 {
			break
		}
		release = append(release, byte(c))
	}
	version := strings.SplitN(string(release), ".", 3)
	return "Linux " + strings.Join(version[:min(2, len(version))], ".")
}
