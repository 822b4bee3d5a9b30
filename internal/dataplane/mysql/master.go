package mysql

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// masterPrivileges is what RDS gives its master user: all but what reaches the
// server's files, other sessions' identity, or the server itself.
const masterPrivileges = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, " +
	"SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, " +
	"CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"

// ensureMaster makes the database, and the master user with its password. It
// does so once for each value: a password that was changed by SQL since is left,
// as RDS leaves it, until another one is asked for.
func ensureMaster(ctx context.Context, a *admin, cfg Config) error {
	mark, path := masterMark(cfg), filepath.Join(cfg.Dir, "master")
	if done, err := os.ReadFile(path); err == nil && string(done) == mark {
		return nil
	}
	if cfg.Database != "" {
		if _, err := a.db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+quoteName(cfg.Database)); err != nil {
			return fmt.Errorf("create database %s: %w", cfg.Database, err)
		}
	}
	user, identified := cfg.Master.Name, identifiedBy(cfg.Engine.Flavor)
	digest := nativePassword(cfg.Master.Password)
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"CREATE USER IF NOT EXISTS ?@'%' " + identified, []any{user, digest}},
		{"ALTER USER ?@'%' " + identified, []any{user, digest}},
		{"GRANT " + masterPrivileges + " ON *.* TO ?@'%' WITH GRANT OPTION", []any{user}},
	} {
		if _, err := a.db.ExecContext(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("set master user %s: %w", user, err)
		}
	}
	return os.WriteFile(path, []byte(mark), 0o600)
}

// identifiedBy is the clause that sets a password by its digest. By the password
// itself, MariaDB would write it to its binary log as it is.
func identifiedBy(f Flavor) string {
	if f == MariaDB {
		return "IDENTIFIED VIA mysql_native_password USING ?"
	}
	return "IDENTIFIED WITH mysql_native_password AS ?"
}

// nativePassword is what mysql_native_password stores for a password.
func nativePassword(password string) string {
	once := sha1.Sum([]byte(password))
	twice := sha1.Sum(once[:])
	return "*" + strings.ToUpper(hex.EncodeToString(twice[:]))
}

// masterMark is a digest of what ensureMaster has to do.
func masterMark(cfg Config) string {
	data, _ := json.Marshal([]string{cfg.Master.Name, cfg.Master.Password, cfg.Database}) // strings always marshal
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
