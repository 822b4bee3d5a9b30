package mysql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"apex/internal/dataplane/supervisor"
)

// Apply makes the instance run as the config says, and returns when it answers
// queries of its master user. It restarts the server only for what a running
// server cannot take. The wait is bounded by ctx alone; its error shows the end
// of the server's log.
func Apply(ctx context.Context, cfg Config) error {
	if err := apply(ctx, cfg); err != nil {
		return fmt.Errorf("run mysql %s: %w", filepath.Base(cfg.Dir), err)
	}
	return nil
}

func apply(ctx context.Context, cfg Config) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	uid, gid := supervisor.UserIDs("mysql")
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return err
	}
	unlock, err := lockFile(filepath.Join(cfg.Dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if err := thaw(cfg.Dir); err != nil {
		return err
	}
	if err := prepare(ctx, cfg, uid, gid); err != nil {
		return err
	}
	if err := supervisor.Apply(ctx, cfg.spec(uid, gid)); err != nil {
		return err
	}
	both, inTime := errgroup.WithContext(ctx)
	both.Go(func() error { return syncOnce(cfg) })
	both.Go(func() error { return awaitQueries(inTime, cfg.Dir) })
	if err := both.Wait(); err != nil {
		return err
	}
	return withAdmin(ctx, cfg.Dir, func(a *admin) error {
		if err := a.setVariables(ctx, cfg.Variables); err != nil {
			return err
		}
		return ensureMaster(ctx, a, cfg)
	})
}

// prepare makes the server's directory. A data directory whose first copy never
// reached the disk for sure is made again: nobody was told that it exists.
func prepare(ctx context.Context, cfg Config, uid, gid int) error {
	for _, dir := range []string{cfg.home(), cfg.home() + "/tmp", cfg.home() + "/files"} {
		if err := ownedDir(dir, uid, gid); err != nil {
			return err
		}
	}
	if err := replaceFile(cfg.home()+"/live.cnf", cfg.liveFile(), 0o644); err != nil {
		return err
	}
	if ready, err := hasData(cfg); ready || err != nil {
		return err
	}
	from, err := cfg.beginning(ctx)
	if err != nil {
		return err
	}
	data := cfg.home() + "/data"
	for _, left := range []string{data, data + ".new"} {
		if err := os.RemoveAll(left); err != nil {
			return err
		}
	}
	if err := copyTree(filepath.Join(from, "data"), data+".new", uid, gid); err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	if err := os.Remove(data + ".new/auto.cnf"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // MySQL's identity of the server that the backup is of
	}
	return os.Rename(data+".new", data)
}

// beginning is where the first copy of the data comes from.
func (c Config) beginning(ctx context.Context) (string, error) {
	if c.From != "" {
		return c.From, nil
	}
	return template(ctx, c.Engine, c.Templates)
}

// replaceFile writes a file, unless it is as wanted, in one step: a server that
// starts sees all of it.
func replaceFile(path, content string, mode fs.FileMode) error {
	if now, err := os.ReadFile(path); err == nil && string(now) == content {
		return nil
	}
	if err := os.WriteFile(path+".new", []byte(content), mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func ownedDir(dir string, uid, gid int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// hasData reports whether the data directory is whole, or in use.
func hasData(cfg Config) (bool, error) {
	_, err := os.Stat(syncedPath(cfg.Dir))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err == nil, err
	}
	now, err := supervisor.Observe(cfg.supervisor())
	return now.Supervisor != 0, err
}

func syncedPath(dir string) string { return filepath.Join(dir, "synced") }

// syncOnce makes the first copy durable, while the server already starts on it.
func syncOnce(cfg Config) error {
	if _, err := os.Stat(syncedPath(cfg.Dir)); err == nil {
		return nil
	}
	if err := syncTree(cfg.home() + "/data"); err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	return os.WriteFile(syncedPath(cfg.Dir), nil, 0o600)
}

func awaitQueries(ctx context.Context, dir string) error {
	return supervisor.Await(ctx, supervisorDir(dir), func(ctx context.Context) error {
		return withAdmin(ctx, dir, func(a *admin) error { return a.db.PingContext(ctx) })
	})
}

// Stop ends the server in good order. One that does not run is no error; the
// data stays.
func Stop(ctx context.Context, dir string) error {
	return supervisor.Stop(ctx, supervisorDir(dir))
}

// Kill ends the server at once, as a power cut does. One that does not run is no
// error; the data stays, and the next start recovers what was committed.
func Kill(ctx context.Context, dir string) error {
	return supervisor.Kill(ctx, supervisorDir(dir))
}

// Remove stops the server and deletes its directory with all its data.
func Remove(ctx context.Context, dir string) error {
	if err := Stop(ctx, dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}
