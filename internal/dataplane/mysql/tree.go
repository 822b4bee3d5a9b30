package mysql

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// copyTree copies a directory of plain files and directories, and gives the copy
// to the user.
func copyTree(from, to string, uid, gid int) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case entry.IsDir():
			err = os.Mkdir(target, 0o700)
		case entry.Type().IsRegular():
			err = copyFile(path, target)
		default:
			return nil // a socket that was left
		}
		if err != nil {
			return err
		}
		return os.Chown(target, uid, gid)
	})
}

// copyFile shares the blocks where the file system can, else copies in the kernel.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) != nil {
		_, err = io.Copy(out, in)
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// syncTree writes a directory and all below it to the disk. A server may work in
// it already: what it removes meanwhile needs no writing.
func syncTree(dir string) error {
	// All are started before the first is waited for.
	for _, step := range []func(*os.File) error{startWriteback, (*os.File).Sync} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && (entry.IsDir() || entry.Type().IsRegular()) {
				err = withFile(path, step)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func withFile(path string, fn func(*os.File) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return fn(f)
}

// startWriteback only hurries: a file system that cannot is no fault.
func startWriteback(f *os.File) error {
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
	return nil
}
