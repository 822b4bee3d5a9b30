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
	"slices"
	"strings"
)

func main() {
	out := flag.String("out", "../../internal/api", "folder that holds the generated packages")
	check := flag.Bool("check", false, "write nothing, fail if something is not as generated")
	flag.Parse()
	write := writeFiles
	if *check {
		write = checkFiles
	}
	if err := run(*out, write, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "awsgen:", err)
		os.Exit(1)
	}
}

// run generates the named packages, or all of them when none is named, and hands
// each folder's files to write.
func run(out string, write func(dir string, files map[string][]byte) error, only []string) error {
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
	for _, service := range services {
		if len(only) > 0 && !slices.Contains(only, service.Name) {
			continue
		}
		files, err := generate(models, service, overlays[service.Name])
		if err == nil {
			err = write(filepath.Join(out, service.Name+"api"), files)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", service.Name, err)
		}
	}
	return nil
}

// generate returns the files of one service's package.
func generate(models string, service Service, overlay Overlay) (map[string][]byte, error) {
	model, err := readModel(filepath.Join(models, service.Model, "api-2.json"))
	if err != nil {
		return nil, err
	}
	if err := overlay.apply(model); err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	pkg, err := newPackage(service, model)
	if err != nil {
		return nil, err
	}
	return pkg.files()
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
