package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// ErrNoGo indicates that no Go toolchain is on the PATH.
var ErrNoGo = errors.New("the go command is not installed (install Go from https://go.dev/dl, or name a built image)")

// NonRoot is the user and group that built images run as.
const NonRoot = 65532

// BuildOptions say what to build.
type BuildOptions struct {
	Dir     string   // where go build runs: a folder of the program's module
	Package string   // what it builds: "./cmd/server"; default "."
	Env     []string // for the program, as KEY=value
	Args    []string // default arguments of the program
	Arch    string   // GOARCH; default this machine's
	Ports   []int    // TCP ports that the image exposes
	Cache   string   // a folder for executables, so that one that is up to date is not linked again; may be empty
}

// BuildGo compiles a Go program and returns an image that runs it as NonRoot.
// Equal source, toolchain and host certificates give an equal digest.
func BuildGo(ctx context.Context, o BuildOptions) (v1.Image, error) {
	if o.Package == "" {
		o.Package = "."
	}
	if o.Arch == "" {
		o.Arch = runtime.GOARCH
	}
	program, err := compile(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("build %s in %s: %w", o.Package, o.Dir, err)
	}
	img, err := assemble(o, program)
	if err != nil {
		return nil, fmt.Errorf("build %s in %s: %w", o.Package, o.Dir, err)
	}
	return img, nil
}

// compile returns the program as a static executable.
func compile(ctx context.Context, o BuildOptions) ([]byte, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, ErrNoGo
	}
	out, done, err := outputFor(o)
	if err != nil {
		return nil, err
	}
	defer done()
	cmd := exec.CommandContext(ctx, tool, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, o.Package)
	cmd.Dir = o.Dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+o.Arch)
	cmd.WaitDelay = time.Second // compilers may outlive a cancelled go command
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(said.Bytes()))
	}
	info, err := os.Stat(out)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return nil, errors.New("not a program: package main expected")
	}
	return os.ReadFile(out)
}

// outputFor returns where the executable goes: a name of its own in the cache,
// or in a folder that done removes.
func outputFor(o BuildOptions) (out string, done func(), err error) {
	if o.Cache == "" {
		dir, err := os.MkdirTemp("", "apex-build-")
		return filepath.Join(dir, "program"), func() { os.RemoveAll(dir) }, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256([]byte(dir + "\x00" + o.Package + "\x00" + o.Arch))
	return filepath.Join(o.Cache, programName(o)+"-"+hex.EncodeToString(sum[:8])), func() {}, os.MkdirAll(o.Cache, 0o700)
}

// assemble puts the program on the base.
func assemble(o BuildOptions, program []byte) (v1.Image, error) {
	base, err := baseLayer()
	if err != nil {
		return nil, err
	}
	entry := "/app/" + programName(o)
	app, err := newLayer([]file{{"app/", 0o755, nil}, {entry[1:], 0o755, program}})
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if img, err = mutate.AppendLayers(img, base, app); err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", o.Arch
	config.Config = v1.Config{
		User: fmt.Sprintf("%d:%d", NonRoot, NonRoot), WorkingDir: "/app",
		Entrypoint: []string{entry}, Cmd: o.Args,
		Env: append([]string{"PATH=/app:/usr/bin:/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"}, o.Env...),
	}
	for _, port := range o.Ports {
		if config.Config.ExposedPorts == nil {
			config.Config.ExposedPorts = map[string]struct{}{}
		}
		config.Config.ExposedPorts[fmt.Sprintf("%d/tcp", port)] = struct{}{}
	}
	return mutate.ConfigFile(img, config)
}

// programName is the executable's name: the package's last element.
func programName(o BuildOptions) string {
	name := path.Base(filepath.ToSlash(filepath.Join(o.Dir, o.Package)))
	if name = strings.TrimLeft(name, "."); name == "" || name == "/" {
		return "program"
	}
	return name
}
