package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"apex/internal/graph"
	"apex/internal/region"
	"apex/internal/stack"
)

// stackFlags say which environment of which stack file is meant.
type stackFlags struct {
	File string `short:"f" help:"The stack file." default:"apex.yaml" type:"path" placeholder:"FILE"`
	Env  string `short:"e" help:"The environment of the stack; the file's first by default." placeholder:"NAME"`
}

// loadFile reads a stack file.
func loadFile(path string) (*stack.File, error) {
	file, err := stack.Load(path)
	if errors.Is(err, os.ErrNotExist) {
		err = hinted(err, "run apex where an apex.yaml is, or name one with --file")
	}
	return file, err
}

// load reads the environment that the flags name.
func (f stackFlags) load() (stack.Stack, error) {
	file, err := loadFile(f.File)
	if err != nil {
		return stack.Stack{}, err
	}
	return file.Stack(f.Env)
}

// build is load with the resources of the environment.
func (f stackFlags) build() (stack.Stack, graph.Graph, error) {
	s, err := f.load()
	if err != nil {
		return s, graph.Graph{}, err
	}
	g, err := graph.Build(s)
	return s, g, err
}

// A target is the environment that up last made, so that other commands work in
// any folder.
type target struct {
	Stack       string            `json:"stack"`
	Environment string            `json:"environment"`
	Paths       map[string]string `json:"paths"`            // of services, behind the balancer
	Domain      string            `json:"domain,omitempty"` // that HTTPS is served for; empty if it is not
}

func targetOf(s stack.Stack) target {
	t := target{Stack: s.Name, Environment: s.Environment, Paths: map[string]string{}}
	if s.HTTPS != nil {
		t.Domain = s.HTTPS.Domain
	}
	for name, svc := range s.Services {
		if svc.HTTP != nil && len(svc.HTTP.Paths) > 0 {
			t.Paths[name] = openPath(svc.HTTP.Paths[0])
		}
	}
	return t
}

// openPath is a path that the pattern matches, as far as it is fixed: "/api/*"
// gives "/api/".
func openPath(pattern string) string {
	fixed, _, _ := strings.Cut(pattern, "*")
	fixed, _, _ = strings.Cut(fixed, "?")
	return fixed
}

// prefix begins the names of all that belongs to the target: "apexai-dev".
func (t target) prefix() string { return t.Stack + "-" + t.Environment }

// owns reports whether a name is one of the target's.
func (t target) owns(name string) bool {
	return name == t.prefix() || strings.HasPrefix(name, t.prefix()+"-")
}

// urls are where a person finds the services, and AWS clients the region.
func (t target) urls(home region.Home) map[string]string {
	urls := map[string]string{"endpoint": home.Endpoint()}
	for name, path := range t.Paths {
		urls[name] = fmt.Sprintf("http://127.0.0.1:%d%s", home.HTTPPort, path)
		if t.Domain != "" {
			urls[name+"-https"] = fmt.Sprintf("https://%s:%d%s", strings.TrimPrefix(t.Domain, "*."), home.HTTPSPort, path)
		}
	}
	return urls
}

func targetFile(home region.Home) string { return filepath.Join(home.Dir, "target.json") }

func (t target) remember(home region.Home) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return os.WriteFile(targetFile(home), append(b, '\n'), 0o600)
}

// lastTarget returns what up last made; the zero target if it made nothing yet.
func lastTarget(home region.Home) (target, error) {
	var t target
	b, err := os.ReadFile(targetFile(home))
	if errors.Is(err, os.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("read %s: %w", targetFile(home), err)
	}
	return t, nil
}

// targetFlags choose another environment than the one that up last made.
type targetFlags struct {
	File string `help:"The stack file; what up last made by default." type:"path" placeholder:"FILE"`
	Env  string `short:"e" help:"The environment; the one that up last made by default." placeholder:"NAME"`
}

func (f targetFlags) target(home region.Home) (target, error) {
	if f.File == "" && f.Env == "" {
		return lastTarget(home)
	}
	flags := stackFlags(f)
	if flags.File == "" {
		flags.File = stack.FileName
	}
	s, err := flags.load()
	return targetOf(s), err
}

// open returns what commands on a running region need: its home, the environment
// that is meant, and the SDK's configuration.
func (f targetFlags) open() (region.Home, target, aws.Config, error) {
	home, err := region.HomeFromEnv()
	if err != nil {
		return home, target{}, aws.Config{}, err
	}
	t, err := f.target(home)
	if err != nil {
		return home, t, aws.Config{}, err
	}
	cfg, err := running(home)
	return home, t, cfg, err
}
