// Probe is the program inside the containers of tests: it does what its
// arguments say, verb by verb between commas, and prints what happened.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	for _, line := range strings.Split(strings.Join(os.Args[1:], " "), ",") {
		words := strings.Fields(line)
		fmt.Println(run(words[0], words[1:]))
	}
}

func run(verb string, args []string) string {
	switch verb {
	case "exit":
		os.Exit(atoi(args[0]))
	case "id":
		groups, _ := os.Getgroups()
		return fmt.Sprint("id ", os.Getuid(), os.Getgid(), groups)
	case "where":
		dir, _ := os.Getwd()
		host, _ := os.Hostname()
		return fmt.Sprintf("where %s %s", dir, host)
	case "env":
		return "env " + args[0] + "=" + os.Getenv(args[0])
	case "cat":
		data, err := os.ReadFile(args[0])
		return said(strings.TrimSpace(string(data)), err)
	case "field":
		return field(args[0], args[1])
	case "ls":
		entries, err := os.ReadDir(args[0])
		names := []string{}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return said(strings.Join(names, " "), err)
	case "write":
		return said("wrote "+args[0], os.WriteFile(args[0], []byte("x\n"), 0o644))
	case "mount":
		return said("mounted", syscall.Mount("none", "/tmp", "tmpfs", 0, ""))
	case "unmount":
		return said("unmounted", syscall.Unmount(args[0], 0))
	case "mknod":
		return said("made", syscall.Mknod("/tmp/disk", syscall.S_IFBLK|0o600, 254<<8))
	case "unshare":
		return said("unshared", syscall.Unshare(atoi(args[0])))
	case "clone":
		cmd := exec.Command("/proc/self/exe", "exit", "0")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: uintptr(atoi(args[0]))}
		return said("cloned", cmd.Run())
	case "syscall":
		_, _, errno := syscall.RawSyscall(uintptr(atoi(args[0])), uintptr(atoi(args[1])), 0, 0)
		return "syscall " + errno.Error()
	case "kill":
		return said("killed", syscall.Kill(atoi(args[0]), syscall.Signal(atoi(args[1]))))
	case "die":
		err := syscall.Kill(os.Getpid(), syscall.Signal(atoi(args[0])))
		time.Sleep(time.Minute)
		return said("alive", err)
	case "setuid":
		return said("set", syscall.Setuid(atoi(args[0])))
	case "child":
		out, err := exec.Command("/proc/self/exe", args...).CombinedOutput()
		return said(strings.TrimSpace(string(out)), err)
	case "orphan":
		return said("orphaned", exec.Command("/proc/self/exe", "sleep", args[0]).Start())
	case "limit":
		var l syscall.Rlimit
		err := syscall.Getrlimit(atoi(args[0]), &l)
		return said(fmt.Sprintf("limit %d %d", l.Cur, l.Max), err)
	case "listen":
		l, err := net.Listen("tcp", args[0])
		if err == nil {
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					fmt.Fprintln(c, "hello")
					c.Close()
				}
			}()
		}
		return said("listening", err)
	case "dial":
		c, err := net.DialTimeout("tcp", args[0], time.Second)
		if err == nil {
			c.Close()
		}
		return said("dialed", err)
	case "interfaces":
		all, err := net.Interfaces()
		names := []string{}
		for _, i := range all {
			names = append(names, i.Name)
		}
		return said("interfaces "+strings.Join(names, " "), err)
	case "stderr":
		fmt.Fprintln(os.Stderr, strings.Join(args, " "))
		return "ok"
	case "lines":
		for i := range atoi(args[0]) {
			fmt.Println("line", i)
		}
		return "done"
	case "long":
		os.Stdout.Write(bytes.Repeat([]byte("x"), atoi(args[0])))
		return ""
	case "partial":
		fmt.Print(args[0])
		os.Exit(0)
	case "eat":
		eaten := make([][]byte, 0)
		for range atoi(args[0]) {
			eaten = append(eaten, bytes.Repeat([]byte{1}, 1<<20))
		}
		return fmt.Sprint("ate ", len(eaten))
	case "spin":
		for end := time.Now().Add(time.Duration(atoi(args[0])) * time.Millisecond); time.Now().Before(end); {
		}
		return "spun"
	case "fork":
		n := 0
		for range atoi(args[0]) {
			if err := exec.Command("/proc/self/exe", "sleep", "60000").Start(); err != nil {
				return fmt.Sprintf("forked %t: %v", n > 0, err)
			}
			n++
		}
		return fmt.Sprint("forked ", n)
	case "nohup":
		signal.Ignore(syscall.SIGHUP)
		return "staying"
	case "ignore":
		signal.Ignore(syscall.SIGTERM)
		return "ignoring"
	case "await":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM, syscall.SIGUSR1)
		fmt.Println("waiting")
		s := <-signals
		fmt.Println("got", s)
		os.Exit(atoi(args[0]))
	case "sleep":
		time.Sleep(time.Duration(atoi(args[0])) * time.Millisecond)
		return "slept"
	case "window":
		size := struct{ rows, cols, x, y uint16 }{}
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
		return fmt.Sprint("window ", size.rows, size.cols, errno == 0)
	case "read":
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		return said("read "+strings.TrimSpace(line), err)
	case "exists":
		_, err := os.Stat(args[0])
		if err != nil {
			os.Exit(1)
		}
		return "exists"
	case "touch":
		return said("touched", os.WriteFile(args[0], nil, 0o644))
	case "remove":
		return said("removed", os.Remove(args[0]))
	}
	return "unknown verb " + verb
}

func field(path, name string) string {
	data, err := os.ReadFile(path)
	for _, line := range strings.Split(string(data), "\n") {
		if key, rest, ok := strings.Cut(line, ":"); ok && key == name {
			return name + " " + strings.TrimSpace(rest)
		}
	}
	return said(name+" not there", err)
}

func said(ok string, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return ok
}

func atoi(s string) int {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		panic(err)
	}
	return int(n)
}
