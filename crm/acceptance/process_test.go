package acceptance

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const startWithin = 60 * time.Second

// A process is one of the CRM's programs.
type process struct {
	name, url, log string
	path           string
	env            []string
	cmd            *exec.Cmd
	ended          chan struct{}
}

// start starts a program, whose name ends at the first "-", on a free port,
// and does not wait for it.
func (s *stack) start(name string, settings []string) (*process, error) {
	program, _, _ := strings.Cut(name, "-")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	p := &process{
		name: name, url: "http://127.0.0.1:" + port, log: filepath.Join(s.dir, name+".log"), path: filepath.Join(s.dir, "bin", program),
		env: append([]string{"PATH=" + os.Getenv("PATH"), "APP_ENV=dev", "PORT=" + port, "DRAIN_DELAY=1s"}, settings...),
	}
	return p, p.run()
}

func (p *process) run() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = exec.Command(p.path)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	p.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		cmd.Wait() // how it ended is in its log
		close(ended)
	}(p.cmd, p.ended)
	return nil
}

func (p *process) signal(s syscall.Signal) {
	if p != nil && p.cmd != nil {
		p.cmd.Process.Signal(s) // one that is gone already is what is wanted
	}
}

func (p *process) kill() {
	if p != nil {
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
}

func (p *process) healthy() bool {
	client := http.Client{Timeout: 5 * time.Second} // a busy machine takes its time
	path := "/health"
	if strings.HasPrefix(p.name, "studio") {
		path = "/healthz"
	}
	response, err := client.Get(p.url + path)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// text is the program's log.
func (p *process) text() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
