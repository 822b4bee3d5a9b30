package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"apex/internal/dataplane/supervisor"
)

// Apply makes the instance run as the config says, and returns when it answers.
// It restarts the server only for another address or engine. The wait is bounded
// by ctx alone; its error shows the end of the server's log.
func Apply(ctx context.Context, cfg Config) error {
	if err := apply(ctx, cfg); err != nil {
		return fmt.Errorf("run redis %s: %w", filepath.Base(cfg.Dir), err)
	}
	return nil
}

func apply(ctx context.Context, cfg Config) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	uid, gid := supervisor.UserIDs("redis")
	for _, dir := range []string{cfg.home(), cfg.home() + "/data"} {
		if err := ownedDir(dir, uid, gid); err != nil {
			return err
		}
	}
	if err := cfg.begin(uid, gid); err != nil {
		return err
	}
	password, err := adminPassword(cfg.Dir)
	if err != nil {
		return err
	}
	content := cfg.file(password)
	if err := replaceFile(cfg.home()+"/redis.conf", content, uid, gid); err != nil {
		return err
	}
	if err := supervisor.Apply(ctx, cfg.spec(uid, gid)); err != nil {
		return err
	}
	if err := awaitAnswer(ctx, cfg.Dir); err != nil {
		return err
	}
	return setLive(ctx, cfg, password, digest(content))
}

// setLive gives the running server the settings, unless it has them.
func setLive(ctx context.Context, cfg Config, password, mark string) error {
	path := filepath.Join(cfg.Dir, "applied")
	if done, err := os.ReadFile(path); err == nil && string(done) == mark {
		return nil
	}
	err := withAdmin(ctx, cfg.Dir, func(a *admin) error { return a.set(ctx, cfg.settings(), cfg.users(password)) })
	if err != nil {
		return err
	}
	return replaceFile(path, mark, 0, 0)
}

// adminPassword returns the administrator's password, made at the first call.
func adminPassword(dir string) (string, error) {
	path := filepath.Join(dir, "admin")
	data, err := os.ReadFile(path)
	if err == nil {
		return string(data), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	password := rand.Text()
	return password, replaceFile(path, password, 0, 0)
}

// replaceFile writes a file for its owner alone, unless it is as wanted, in one
// step.
func replaceFile(path, content string, uid, gid int) error {
	if now, err := os.ReadFile(path); err == nil && string(now) == content {
		return nil
	}
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return err
	}
	if err := os.Chown(path+".new", uid, gid); err != nil {
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

func awaitAnswer(ctx context.Context, dir string) error {
	return supervisor.Await(ctx, supervisorDir(dir), func(ctx context.Context) error {
		return withAdmin(ctx, dir, func(a *admin) error { return a.ping(ctx) })
	})
}

// Stop ends the server in good order. One that does not run is no error; the
// data stays.
func Stop(ctx context.Context, dir string) error {
	return supervisor.Stop(ctx, supervisorDir(dir))
}

// Remove stops the server and deletes its directory with all its data.
func Remove(ctx context.Context, dir string) error {
	if err := Stop(ctx, dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}
