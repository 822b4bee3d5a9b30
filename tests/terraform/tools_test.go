package terraform

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"
)

// providerVersion is the version of hashicorp/aws that the stories run with.
const providerVersion = "5.100.0"

// tools are Terraform and a folder from which it installs the provider.
type tools struct{ terraform, mirror string }

// needTools skips the test, loudly, where Terraform or the provider is absent.
func needTools(t testing.TB) tools {
	t.Helper()
	found, err := findTools()
	if err != nil {
		t.Skipf("SKIPPED: %v: NOTHING of Terraform's stories was checked", err)
	}
	return found
}

var findTools = sync.OnceValues(func() (tools, error) {
	program, err := exec.LookPath("terraform")
	if err != nil {
		return tools{}, fmt.Errorf("Terraform is not on PATH")
	}
	for _, dir := range mirrors() {
		provider := filepath.Join(dir, "registry.terraform.io/hashicorp/aws", providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if _, err := os.Stat(provider); err == nil {
			return tools{program, dir}, nil
		}
	}
	return tools{}, fmt.Errorf("no filesystem mirror holds provider hashicorp/aws %s", providerVersion)
})

var mirrorPath = regexp.MustCompile(`filesystem_mirror\s*\{[^}]*path\s*=\s*"([^"]+)"`)

// mirrors are folders that may hold providers: those of Terraform's own
// configuration, those that Terraform looks into unasked, and what lies near the
// root of the machine's disk.
func mirrors() (dirs []string) {
	home, _ := os.UserHomeDir()
	for _, file := range []string{os.Getenv("TF_CLI_CONFIG_FILE"), filepath.Join(home, ".terraformrc")} {
		text, _ := os.ReadFile(file)
		for _, m := range mirrorPath.FindAllSubmatch(text, -1) {
			dirs = append(dirs, string(m[1]))
		}
	}
	dirs = append(dirs, os.Getenv("TF_PLUGIN_CACHE_DIR"), filepath.Join(home, ".terraform.d/plugins"),
		"/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
	for _, pattern := range []string{"/*/registry.terraform.io", "/*/*/registry.terraform.io", "/*/*/*/registry.terraform.io"} {
		found, _ := filepath.Glob(pattern)
		for _, path := range found {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	return dirs
}
