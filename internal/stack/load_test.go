package stack

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write golden files")

const minimal = "name: shop\nservices: {web: {image: web, http: {paths: [/*]}}}\n"

// TestProblems holds each kind of mistake to what its author is told.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("golden files: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse("apex.yaml", archive.Files[0].Data)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error %v, want Problems", err)
			}
			golden(t, file, archive, problems.Explain())
		})
	}
}

func golden(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	if *update {
		archive.Files = append(archive.Files[:1], txtar.File{Name: "problems", Data: []byte(got)})
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestSeed holds the stack of this repository to the architecture it stands for.
func TestSeed(t *testing.T) {
	file, err := Load("../../apex.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"dev", "production"}, file.Environments()); diff != "" {
		t.Errorf("environments (-want +got):\n%s", diff)
	}
	dev, err := file.Stack("")
	if err != nil {
		t.Fatal(err)
	}
	production, err := file.Stack("production")
	if err != nil {
		t.Fatal(err)
	}
	if dev.Network.NAT != NATSingle || production.Network.NAT != NATPerZone {
		t.Errorf("nat: dev %s, production %s", dev.Network.NAT, production.Network.NAT)
	}
	if dev.Database.MultiAZ || !production.Database.MultiAZ {
		t.Errorf("multi-az: dev %t, production %t", dev.Database.MultiAZ, production.Database.MultiAZ)
	}
	want := Count{Min: 2, Max: 10, CPU: 70}
	for _, s := range []Stack{dev, production} {
		for name, svc := range s.Services {
			if name == "standins" && s.Environment == "dev" {
				continue // what production has outside
			}
			if svc.Count != want || svc.CPU != 512 || svc.Memory != 1024 {
				t.Errorf("%s %s: %+v %d/%d", s.Environment, name, svc.Count, svc.CPU, svc.Memory)
			}
		}
	}
	if got := production.Services["server"].Environment["APP_ENV"]; got != "production" {
		t.Errorf("APP_ENV in production: %q", got)
	}
	if got := dev.Services["server"].Environment["APP_ENV"]; got != "dev" {
		t.Errorf("APP_ENV in dev: %q: an override leaked into the base", got)
	}
}

func TestDefaults(t *testing.T) {
	file, err := Parse("apex.yaml", []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.Stack("dev")
	if err != nil {
		t.Fatal(err)
	}
	var subnets []string
	for _, p := range append(s.Network.Public, s.Network.Private...) {
		subnets = append(subnets, p.String())
	}
	if diff := cmp.Diff([]string{"10.0.0.0/24", "10.0.1.0/24", "10.0.10.0/24", "10.0.11.0/24"}, subnets); diff != "" {
		t.Errorf("subnets (-want +got):\n%s", diff)
	}
	web := s.Services["web"]
	if web.Port != 3000 || web.CPU != 256 || web.Memory != 512 || web.Count != (Count{Min: 2, Max: 2}) || web.HTTP.Health != "/" {
		t.Errorf("service: %+v", web)
	}
}

func TestUnknownEnvironment(t *testing.T) {
	file, err := Load("../../apex.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Stack("prodution")
	var problems Problems
	if !errors.As(err, &problems) || problems[0].Hint != "did you mean `production`?" {
		t.Errorf("error %v, want a hint at production", err)
	}
}

func TestMissingBuild(t *testing.T) {
	path := filepath.Join(t.TempDir(), "apex.yaml")
	if err := os.WriteFile(path, []byte("name: a\nservices: {web: {build: ./nowhere}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "no folder ./nowhere") {
		t.Errorf("error %v, want it to name the folder", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{minimal, "a: &x {<<: *x}", "name: [", "services:\n\t- a", "&a *a", "name: !!int x", "? {a: b}\n: c", "environments: {1: {}}"} {
		f.Add([]byte(seed))
	}
	if text, err := os.ReadFile("../../apex.yaml"); err == nil {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("apex.yaml", text)
		var problems Problems
		if errors.As(err, &problems) {
			problems.Explain()
			return
		}
		if err != nil {
			t.Fatalf("error %v is no Problems", err)
		}
		for _, env := range file.Environments() {
			if _, err := file.Stack(env); err != nil {
				t.Fatal(err)
			}
		}
	})
}
