package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// runTimeout bounds one run of Terraform: it ends what hangs.
const runTimeout = 10 * time.Minute

// A workspace is a copy of a configuration in which Terraform runs against a
// region.
type workspace struct {
	dir  string // where Terraform runs
	env  []string
	tool tools
	vars []string // arguments for every plan and apply
}

// newWorkspace copies the files of root and initialises Terraform in its folder sub.
func newWorkspace(t testing.TB, r *regiontest.Region, root, sub string) *workspace {
	t.Helper()
	tool := needTools(t)
	top := t.TempDir()
	if err := os.CopyFS(filepath.Join(top, "work"), os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	rc := filepath.Join(top, "terraformrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", tool.mirror)
	if err := os.WriteFile(rc, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &workspace{dir: filepath.Join(top, "work", sub), tool: tool, env: append(environment(t, r), "TF_CLI_CONFIG_FILE="+rc)}
	certificates(t, w.dir)
	w.must(t, "init", "-input=false", "-no-color")
	return w
}

// environment is what `apex env` tells a shell, and nothing of the machine's own
// AWS configuration.
func environment(t testing.TB, r *regiontest.Region) []string {
	t.Helper()
	var variables map[string]string
	if err := json.Unmarshal([]byte(r.Apex(t, "env", "--shell", "json")), &variables); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "AWS_MAX_ATTEMPTS=8",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	return env
}

// run runs Terraform and returns its exit status and output.
func (w *workspace) run(ctx context.Context, args ...string) (int, string, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.tool.terraform, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = w.dir, w.env, &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), out.String(), nil
	}
	return 0, out.String(), err
}

// must runs Terraform and fails the test unless it succeeds.
func (w *workspace) must(t testing.TB, args ...string) string {
	t.Helper()
	code, out, err := w.run(t.Context(), args...)
	if err != nil || code != 0 {
		t.Fatalf("terraform %s: exit status %d %v\n%s", strings.Join(args, " "), code, err, diagnostics(out))
	}
	return out
}

// changing runs apply or destroy and returns what Terraform reported. Its
// diagnostics fail the test.
func (w *workspace) changing(t testing.TB, args ...string) report {
	t.Helper()
	args = append(args, "-auto-approve", "-input=false", "-json")
	code, out, err := w.run(t.Context(), append(args, w.vars...)...)
	r := parseReport(out)
	if err != nil || code != 0 {
		t.Fatalf("terraform %s: exit status %d %v\n%s", strings.Join(args, " "), code, err, r.errors(out))
	}
	return r
}

// unchanged fails the test, with the plan, unless the plan is empty.
func (w *workspace) unchanged(t testing.TB, gate string, args ...string) {
	t.Helper()
	args = append([]string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}, args...)
	code, out, err := w.run(t.Context(), append(args, w.vars...)...)
	if err != nil || code != 0 {
		t.Fatalf("%s: exit status %d %v\n%s", gate, code, err, withoutRefresh(out))
	}
}

// diagnostics cuts what Terraform said before its first error.
func diagnostics(out string) string {
	if at := strings.Index(out, "\nError: "); at >= 0 {
		return out[at+1:]
	}
	return out
}

// withoutRefresh leaves out of Terraform's output that it looked at resources.
func withoutRefresh(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if !strings.Contains(line, ": Refreshing state...") && !strings.Contains(line, ": Read complete") && !strings.Contains(line, ": Reading...") {
			b.WriteString(line)
		}
	}
	return b.String()
}
