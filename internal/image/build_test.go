package image

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// program writes a module whose program exits with the code in CODE.
func program(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "hello")
	for name, text := range map[string]string{
		"go.mod":   "module hello\n\ngo 1.26\n",
		"main.go":  "package main\n\nfunc main() { println(\"hello\") }\n",
		"lib/l.go": "package lib\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func build(t testing.TB, o BuildOptions) v1.Image {
	t.Helper()
	img, err := BuildGo(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestBuildGo(t *testing.T) {
	dir := program(t)
	img := build(t, BuildOptions{Dir: dir, Env: []string{"MODE=test"}, Ports: []int{3000}})
	if err := validate.Image(img); err != nil {
		t.Error(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := v1.Config{
		User: "65532:65532", WorkingDir: "/app", Entrypoint: []string{"/app/hello"},
		Env:          []string{"PATH=/app:/usr/bin:/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", "MODE=test"},
		ExposedPorts: map[string]struct{}{"3000/tcp": {}},
	}
	if diff := cmp.Diff(want, file.Config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestBuildGoIsReproducible(t *testing.T) {
	var digests []string
	for range 2 {
		img := build(t, BuildOptions{Dir: program(t)}) // each in a folder of its own
		d, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, d.String())
	}
	if digests[0] != digests[1] {
		t.Errorf("digests %q", digests)
	}
}

// A cached executable is used while it is up to date, and no longer.
func TestBuildGoWithCache(t *testing.T) {
	dir, cache := program(t), t.TempDir()
	digest := func(cache string) string {
		t.Helper()
		d, err := build(t, BuildOptions{Dir: dir, Cache: cache}).Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d.String()
	}
	first := digest(cache)
	if again, without := digest(cache), digest(""); again != first || without != first {
		t.Errorf("first %s, again %s, without a cache %s", first, again, without)
	}
	os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { println(\"changed\") }\n"), 0o644)
	if changed := digest(cache); changed == first || changed != digest("") {
		t.Errorf("changed program: %s, was %s", changed, first)
	}
}

func TestBuiltImageRuns(t *testing.T) {
	out := unpack(t, build(t, BuildOptions{Dir: program(t)}))
	said, err := exec.Command(filepath.Join(out.Layers[0], out.Config.Entrypoint[0])).CombinedOutput()
	if err != nil || string(said) != "hello\n" {
		t.Errorf("said %q, %v", said, err)
	}
	passwd, err := os.ReadFile(filepath.Join(out.Layers[1], "etc/passwd"))
	if err != nil || !strings.Contains(string(passwd), "nonroot:x:65532:65532:") {
		t.Errorf("passwd %q, %v", passwd, err)
	}
	if info, err := os.Stat(filepath.Join(out.Layers[1], "tmp")); err != nil || info.Mode() != os.ModeDir|os.ModeSticky|0o777 {
		t.Errorf("/tmp: %v, %v", info.Mode(), err)
	}
}

func TestBuildGoFaults(t *testing.T) {
	dir := program(t)
	for name, o := range map[string]BuildOptions{
		"no such folder":  {Dir: dir + "/none"},
		"no such package": {Dir: dir, Package: "./none"},
		"not a program":   {Dir: dir, Package: "./lib"},
	} {
		if _, err := BuildGo(t.Context(), o); err == nil {
			t.Error(name, "is no error")
		}
	}
	os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { x }\n"), 0o644)
	if _, err := BuildGo(t.Context(), BuildOptions{Dir: dir}); err == nil || !strings.Contains(err.Error(), "undefined: x") {
		t.Errorf("compiler's fault not told: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := BuildGo(t.Context(), BuildOptions{Dir: dir}); !errors.Is(err, ErrNoGo) {
		t.Errorf("error %v, want ErrNoGo", err)
	}
}
