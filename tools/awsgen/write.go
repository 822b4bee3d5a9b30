package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFiles makes dir hold exactly files.
func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	stray, err := strayFiles(dir, files)
	if err != nil {
		return err
	}
	for _, path := range stray {
		if err := os.Remove(path); err != nil {
			return err
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
	if holds(path, content) {
		return nil
	}
	return os.WriteFile(path, content, 0o644)
}

// checkFiles answers an error unless dir holds exactly files.
func checkFiles(dir string, files map[string][]byte) error {
	stray, err := strayFiles(dir, files)
	if err != nil {
		return err
	}
	if len(stray) > 0 {
		return fmt.Errorf("%s: not generated", stray[0])
	}
	for name, content := range files {
		if path := filepath.Join(dir, name); !holds(path, content) {
			return fmt.Errorf("%s: not as generated (run: make gen)", path)
		}
	}
	return nil
}

func holds(path string, content []byte) bool {
	old, err := os.ReadFile(path)
	return err == nil && string(old) == string(content)
}

// strayFiles returns the Go files of dir that are none of files.
func strayFiles(dir string, files map[string][]byte) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var stray []string
	for _, path := range found {
		if _, wanted := files[filepath.Base(path)]; !wanted {
			stray = append(stray, path)
		}
	}
	return stray, nil
}
