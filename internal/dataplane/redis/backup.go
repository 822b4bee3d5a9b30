package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Backup writes a running instance's data, as they are at one moment, to the file
// to, in Redis's own format (RDB). A new instance may begin with it
// ([Config.From]).
func Backup(ctx context.Context, dir, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil // it was done before
	}
	err := withAdmin(ctx, dir, func(a *admin) error { return a.save(ctx) })
	if err == nil {
		err = CopyBackup(filepath.Join(dir, "home", "data", "dump.rdb"), to)
	}
	if err != nil {
		return fmt.Errorf("back up redis %s: %w", filepath.Base(dir), err)
	}
	return nil
}

// save writes dump.rdb in the background of the server, and waits until it is
// whole.
func (a *admin) save(ctx context.Context) error {
	before, err := a.info(ctx, "persistence")
	if err != nil {
		return err
	}
	if _, err := a.do(ctx, "BGSAVE", "SCHEDULE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for {
		now, err := a.info(ctx, "persistence")
		switch {
		case err != nil:
			return err
		case now["rdb_bgsave_in_progress"] == "0" && now["rdb_last_bgsave_status"] != "ok":
			return errors.New("the server could not write its file")
		case now["rdb_bgsave_in_progress"] == "0" && now["rdb_saves"] != before["rdb_saves"]:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// CopyBackup copies a backup.
func CopyBackup(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return copyFile(from, to, os.Getuid(), os.Getgid())
}

// copyFile copies a file in one step: who looks sees all of it, or nothing.
func copyFile(from, to string, uid, gid int) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Chown(uid, gid), out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(to+".new", to)
}

// begin gives a new instance the data of its backup: as the append-only file that
// servers before 7.0 had, whose beginning is in the backup's format, and which
// newer ones take over.
func (c Config) begin(uid, gid int) error {
	data := filepath.Join(c.home(), "data")
	for _, there := range []string{"appendonlydir", "appendonly.aof"} {
		if _, err := os.Stat(filepath.Join(data, there)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if c.From == "" {
		return nil
	}
	if err := copyFile(c.From, filepath.Join(data, "appendonly.aof"), uid, gid); err != nil {
		return fmt.Errorf("begin with backup: %w", err)
	}
	return nil
}
