package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tmpPrefix begins the names of folders that a crash may leave.
const tmpPrefix = "tmp-"

// CleanCache readies a cache for use: it removes the layers that a crash left
// half unpacked. After the machine itself went down it removes all of them,
// for unpacked files are not synced to disk one by one; the blobs they come
// from are. Nobody may be unpacking meanwhile.
func CleanCache(cacheDir string) error {
	if err := cleanCache(cacheDir); err != nil {
		return fmt.Errorf("clean layers: %w", err)
	}
	return nil
}

func cleanCache(cacheDir string) error {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cacheDir, 0o700); err != nil {
		return err
	}
	mark := filepath.Join(cacheDir, "boot")
	last, err := os.ReadFile(mark)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	rebooted := string(last) != string(boot)
	entries, err := os.ReadDir(cacheDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if rebooted || strings.HasPrefix(e.Name(), tmpPrefix) {
			if err := os.RemoveAll(filepath.Join(cacheDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(mark, boot, 0o600)
}
