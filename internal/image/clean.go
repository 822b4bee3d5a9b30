package image

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// tmpPrefix begins the names of folders that a crash may leave.
const tmpPrefix = "tmp-"

// cleaned holds the caches that this process has cleaned.
var cleaned sync.Map

// cleanOnce cleans a cache at the process's first use of it.
func cleanOnce(cacheDir string) error {
	once, _ := cleaned.LoadOrStore(cacheDir, sync.OnceValue(func() error { return clean(cacheDir) }))
	return once.(func() error)()
}

// clean removes the layers that a crash left half unpacked. After the machine
// itself went down it removes all of them, for unpacked files are not synced to
// disk one by one; the blobs they come from are.
func clean(cacheDir string) error {
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
