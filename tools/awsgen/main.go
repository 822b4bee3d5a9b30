// Command awsgen turns AWS's API models into the Go packages internal/api/<name>api.
//
// It reads the models that the module github.com/aws/aws-sdk-go ships
// (models/apis/*/*/api-2.json), lays overlay.yaml over them for what is newer
// than they are, and writes the operations that operations.yaml lists with every
// shape they reach. The output depends on these inputs alone, so running it
// twice changes nothing and a difference in review is a real one.
//
// Run it from the repository's root with "go -C tools/awsgen run .".
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	out := flag.String("out", "../../internal/api", "folder that holds the generated packages")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "awsgen:", err)
		os.Exit(1)
	}
}

// run generates the named packages, or all of them when none is named.
func run(out string, only []string) error {
	services, err := readServices("operations.yaml")
	if err != nil {
		return err
	}
	overlays, err := readOverlays("overlay.yaml")
	if err != nil {
		return err
	}
	models, err := modelsDir()
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, name := range only {
		wanted[name] = true
	}
	for _, service := range services {
		if len(wanted) > 0 && !wanted[service.Name] {
			continue
		}
		if err := generate(models, out, service, overlays[service.Name]); err != nil {
			return fmt.Errorf("%s: %w", service.Name, err)
		}
	}
	return nil
}

// generate writes one service's package.
func generate(models, out string, service Service, overlay Overlay) error {
	model, err := readModel(filepath.Join(models, service.Model, "api-2.json"))
	if err != nil {
		return err
	}
	if err := overlay.apply(model); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	pkg, err := newPackage(service, model)
	if err != nil {
		return err
	}
	files, err := pkg.files()
	if err != nil {
		return err
	}
	return writeFiles(filepath.Join(out, service.Name+"api"), files)
}

// modelsDir returns the folder of the API models in the module cache.
func modelsDir() (string, error) {
	const module = "github.com/aws/aws-sdk-go"
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("find module %s: %w", module, err)
	}
	root := strings.TrimSpace(string(dir))
	if root == "" {
		return "", fmt.Errorf("find module %s: not in the module cache: run go mod download", module)
	}
	return filepath.Join(root, "models", "apis"), nil
}

// writeFiles makes dir hold exactly files.
func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, keep := files[filepath.Base(path)]; !keep {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, content := range files {
		if err := writeIfChanged(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	return nil
}

// writeIfChanged spares the build cache and other writers of the tree a new
// modification time when nothing changed.
func writeIfChanged(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == string(content) {
		return nil
	}
	return os.WriteFile(path, content, 0o644)
}
