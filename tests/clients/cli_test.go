package clients

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// debianCLI is Debian's own aws: 2.9.19, older than AWS_ENDPOINT_URL.
const debianCLI = "/usr/bin/aws"

// A cli is the aws command line in a home of its own.
type cli struct {
	r   *regiontest.Region
	env []string
}

// newCLI gives the aws command the administrator's key by its environment.
func newCLI(t testing.TB, r *regiontest.Region) cli {
	t.Helper()
	if _, err := os.Stat(debianCLI); err != nil {
		t.Skip("SKIPPED: there is no aws command of Debian:", err)
	}
	key, err := r.Home.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	c := cli{r: r, env: append(os.Environ(),
		"AWS_DATA_PATH="+filepath.Join(r.Home.Dir, "aws"), "AWS_ENDPOINT_URL=", // it is not to depend on that
		"AWS_DEFAULT_REGION="+r.Home.Region, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	)}
	return c.with("AWS_ACCESS_KEY_ID="+key.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+key.SecretAccessKey)
}

// with returns the command with more environment.
func (c cli) with(env ...string) cli {
	return cli{c.r, append(append([]string{}, c.env...), env...)}
}

// without returns the command with less environment.
func (c cli) without(names ...string) cli {
	return cli{c.r, slices.DeleteFunc(slices.Clone(c.env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(names, name)
	})}
}

// command is aws with the given arguments.
func (c cli) command(t testing.TB, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(regiontest.Context(t), debianCLI, args...)
	cmd.Env = c.env
	return cmd
}

// try runs aws and returns what it prints, what it complains of in the error.
func (c cli) try(t testing.TB, args ...string) (string, error) {
	cmd := c.command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w: %s", err, stderr.String())
	}
	return strings.TrimSpace(stdout.String()), nil
}

// run runs aws and fails the test if it fails.
func (c cli) run(t testing.TB, args ...string) string {
	t.Helper()
	out, err := c.try(t, args...)
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// ago is the time so many seconds before now, as the command writes it.
func ago(seconds int) string {
	return time.Now().UTC().Add(-time.Duration(seconds) * time.Second).Format(time.RFC3339)
}
