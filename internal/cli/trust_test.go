package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"apex/internal/dataplane/authority"
	"apex/internal/region"
)

func testAuthority(t *testing.T) (region.Home, *authority.Authority) {
	t.Helper()
	home := region.Home{Dir: t.TempDir()}
	ca, err := authority.Open(authorityDir(home), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return home, ca
}

// TestTrustStores adds to each kind of store twice and removes twice.
func TestTrustStores(t *testing.T) {
	_, ca := testAuthority(t)
	dir := t.TempDir()
	ran := filepath.Join(dir, "ran")
	update := filepath.Join(dir, "update")
	if err := os.WriteFile(update, []byte("#!/bin/sh\necho x >>"+ran+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	stores := map[string]trustStore{"system": certificateDir{dir, update}}
	if _, err := exec.LookPath("certutil"); err == nil {
		stores["browser"] = nssDatabase{filepath.Join(t.TempDir(), "nssdb")}
	}
	for name, s := range stores {
		for i, tt := range []struct {
			change func(trustStore) (string, error)
			want   string
		}{
			{func(s trustStore) (string, error) { return s.add(t.Context(), ca) }, "added"},
			{func(s trustStore) (string, error) { return s.add(t.Context(), ca) }, "has it already"},
			{func(s trustStore) (string, error) { return s.remove(t.Context(), ca) }, "removed"},
			{func(s trustStore) (string, error) { return s.remove(t.Context(), ca) }, "does not have it"},
		} {
			if got, err := tt.change(s); err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("%s, step %d: %q %v, want %q", name, i, got, err, tt.want)
			}
		}
	}
	if log, err := os.ReadFile(ran); err != nil || string(log) != "x\nx\n" {
		t.Errorf("the bundle was made %q: %v; want once for each change", log, err)
	}
}

func TestTrustNeedsRoot(t *testing.T) {
	_, ca := testAuthority(t)
	_, err := certificateDir{filepath.Join(t.TempDir(), "missing"), "true"}.add(t.Context(), ca)
	if err == nil {
		t.Error("added to a folder that is not there")
	}
	if h := asRoot(os.ErrPermission); !strings.Contains(h.(hint).text, "sudo") {
		t.Errorf("hint %q", h.(hint).text)
	}
}

// TestTrusted asks a process whose bundle holds the authority and one whose does not.
func TestTrusted(t *testing.T) {
	if home := os.Getenv("TRUSTED_HOME"); home != "" {
		if !trusted(region.Home{Dir: home}) {
			os.Exit(3)
		}
		os.Exit(0)
	}
	home, ca := testAuthority(t)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(bundle, ca.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.pem")
	_, stranger := testAuthority(t)
	if err := os.WriteFile(other, stranger.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{bundle: true, other: false} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestTrusted$")
		cmd.Env = []string{"TRUSTED_HOME=" + home.Dir, "SSL_CERT_FILE=" + file, "SSL_CERT_DIR=" + t.TempDir()}
		if err := cmd.Run(); (err == nil) != want {
			t.Errorf("%s: %v, want trusted %v", filepath.Base(file), err, want)
		}
	}
	if !trusted(region.Home{Dir: t.TempDir()}) {
		t.Error("a home that never needed an authority is worried about")
	}
}

func TestURLsOfHTTPS(t *testing.T) {
	tt := target{Paths: map[string]string{"web": "/"}, Domain: "shop.localhost"}
	urls := tt.urls(region.Home{HTTPPort: 8080, HTTPSPort: 8443})
	if urls["web"] != "http://127.0.0.1:8080/" || urls["web-https"] != "https://shop.localhost:8443/" {
		t.Errorf("%v", urls)
	}
}
