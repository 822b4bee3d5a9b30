package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// defaultPath is what an image without PATH gets, as in Docker.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// A launch is a Process with everything looked up in the image.
type launch struct {
	path, dir  string
	env        []string
	credential *syscall.Credential
}

// prepare is called inside the container's root.
func prepare(p Process) (launch, error) {
	if len(p.Args) == 0 {
		return launch{}, errors.New("no command: neither the image nor the container definition has one")
	}
	identity, err := lookupUser(p.User)
	if err != nil {
		return launch{}, fmt.Errorf("user %q: %w", p.User, err)
	}
	dir := filepath.Clean("/" + p.Dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return launch{}, fmt.Errorf("working directory: %w", err)
	}
	env := withDefault(p.Env, "PATH", defaultPath)
	env = withDefault(env, "HOME", identity.home)
	path, err := lookPath(p.Args[0], dir, value(env, "PATH"))
	if err != nil {
		return launch{}, err
	}
	return launch{path, dir, env, &syscall.Credential{
		Uid: identity.uid, Gid: identity.gid, Groups: identity.groups,
	}}, nil
}

// lookPath finds a program as a shell does. It leaves permissions to exec.
func lookPath(name, dir, path string) (string, error) {
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return name, nil
	}
	for _, d := range filepath.SplitList(path) {
		file := filepath.Join(d, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("exec: %q: executable file not found in $PATH: %w", name, fs.ErrNotExist)
}

func withDefault(env []string, name, val string) []string {
	if slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") }) {
		return env
	}
	return append(slices.Clip(env), name+"="+val)
}

func value(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
