package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"apex/internal/dataplane/authority"
	"apex/internal/region"
)

// authorityDir is where a home keeps its certificate authority.
func authorityDir(home region.Home) string { return filepath.Join(home.Dir, "authority") }

// A trustStore is a place where programs look for authorities to believe. Both
// ways return what was done, for the person who asked.
type trustStore interface {
	add(context.Context, *authority.Authority) (string, error)
	remove(context.Context, *authority.Authority) (string, error)
}

// A certificateDir is Debian's: a folder of certificates, and a program that
// makes the system's bundle of them.
type certificateDir struct{ dir, update string }

func systemStore() trustStore {
	return certificateDir{"/usr/local/share/ca-certificates", "update-ca-certificates"}
}

func (s certificateDir) file(ca *authority.Authority) string {
	return filepath.Join(s.dir, "apex-"+ca.Fingerprint()[:16]+".crt")
}

func (s certificateDir) add(ctx context.Context, ca *authority.Authority) (string, error) {
	path := s.file(ca)
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, ca.PEM()) {
		return "system store: has it already: " + path, nil
	}
	if _, err := exec.LookPath(s.update); err != nil {
		return "system store: skipped: no " + s.update + " on this machine (apt-get install ca-certificates)", nil
	}
	if err := os.WriteFile(path, ca.PEM(), 0o644); err != nil {
		return "", asRoot(fmt.Errorf("system store: %w", err))
	}
	if err := runQuiet(ctx, s.update); err != nil {
		return "", err
	}
	return "system store: added " + path, nil
}

func (s certificateDir) remove(ctx context.Context, ca *authority.Authority) (string, error) {
	path := s.file(ca)
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return "system store: does not have it", nil
	} else if err != nil {
		return "", asRoot(fmt.Errorf("system store: %w", err))
	}
	if err := runQuiet(ctx, s.update, "--fresh"); err != nil { // else the link to it stays
		return "", err
	}
	return "system store: removed " + path, nil
}

func asRoot(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return hinted(err, "run it as root with the same APEX_HOME: sudo --preserve-env=APEX_HOME apex trust")
	}
	return err
}

// An nssDatabase is where Chromium and Firefox keep what their user believes.
type nssDatabase struct{ dir string }

// nssStore returns the database in dir; by default the user's own.
func nssStore(dir string) (trustStore, error) {
	if dir != "" {
		return nssDatabase{dir}, nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("browser store: %w", err)
	}
	return nssDatabase{filepath.Join(user, ".pki", "nssdb")}, nil
}

func (s nssDatabase) missing() bool {
	_, err := exec.LookPath("certutil")
	return err != nil
}

const noCertutil = "browser store: skipped: Chromium's needs certutil (apt-get install libnss3-tools)"

func (s nssDatabase) add(ctx context.Context, ca *authority.Authority) (string, error) {
	if s.missing() {
		return noCertutil, nil
	}
	if _, err := os.Stat(filepath.Join(s.dir, "cert9.db")); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return "", fmt.Errorf("browser store: %w", err)
		}
		if err := runQuiet(ctx, "certutil", "-d", "sql:"+s.dir, "-N", "--empty-password"); err != nil {
			return "", err
		}
	}
	if s.has(ctx, ca) {
		return "browser store: has it already: " + s.dir, nil
	}
	cmd := exec.CommandContext(ctx, "certutil", "-d", "sql:"+s.dir, "-A", "-t", "C,,", "-n", ca.Name(), "-a")
	cmd.Stdin = bytes.NewReader(ca.PEM())
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("certutil: %w: %s", err, bytes.TrimSpace(out))
	}
	return "browser store: added to " + s.dir, nil
}

func (s nssDatabase) has(ctx context.Context, ca *authority.Authority) bool {
	return exec.CommandContext(ctx, "certutil", "-d", "sql:"+s.dir, "-L", "-n", ca.Name()).Run() == nil
}

func (s nssDatabase) remove(ctx context.Context, ca *authority.Authority) (string, error) {
	switch {
	case s.missing():
		return noCertutil, nil
	case !s.has(ctx, ca):
		return "browser store: does not have it", nil
	}
	if err := runQuiet(ctx, "certutil", "-d", "sql:"+s.dir, "-D", "-n", ca.Name()); err != nil {
		return "", err
	}
	return "browser store: removed from " + s.dir, nil
}

// runQuiet runs a program whose output matters only if it fails.
func runQuiet(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

// trusted reports whether this machine's programs believe the home's authority.
// One that was never needed is no worry.
func trusted(home region.Home) bool {
	data, err := os.ReadFile(filepath.Join(authorityDir(home), authority.CertificateFile))
	block, _ := pem.Decode(data)
	if err != nil || block == nil {
		return true
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return false
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return false
	}
	_, err = ca.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err == nil
}
