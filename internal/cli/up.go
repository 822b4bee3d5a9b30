package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"apex/internal/graph"
	"apex/internal/graph/apply"
	"apex/internal/region"
	"apex/internal/stack"
)

type upCmd struct {
	stackFlags
	Output  string        `short:"o" help:"text or json." enum:"text,json" default:"text"`
	Timeout time.Duration `help:"Give up after this long." default:"15m"`
}

// Run starts the region, makes the stack, and prints where it is found.
func (c upCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	s, g, err := c.build()
	if err != nil {
		return err
	}
	if err := ableToRun(a.ctx, home, s); err != nil {
		return err
	}
	held, err := lockChanges(home)
	if err != nil {
		return err
	}
	defer held.Close()
	ctx, cancel := context.WithTimeout(a.ctx, c.Timeout)
	defer cancel()
	summary, err := c.apply(ctx, a, home, s, g)
	if err != nil {
		return c.explain(a, err)
	}
	return c.print(a, home, targetOf(s), summary)
}

func (c upCmd) apply(ctx context.Context, a *app, home region.Home, s stack.Stack, g graph.Graph) (apply.Summary, error) {
	show := newProgress(a.stderr)
	defer show.close()
	began := time.Now()
	started, err := ensureRegion(ctx, home)
	if err != nil {
		return apply.Summary{}, err
	}
	if started {
		show.line("region started", time.Since(began))
	}
	cfg, err := awsConfig(home)
	if err != nil {
		return apply.Summary{}, err
	}
	if err := targetOf(s).remember(home); err != nil {
		return apply.Summary{}, err
	}
	return apply.Run(ctx, apply.Options{
		Config: cfg, Graph: g, Dir: filepath.Dir(c.File), Values: secretValues(s), Report: show.event,
	})
}

// explain says what an interrupted or late run means for the person who waits.
func (c upCmd) explain(a *app, err error) error {
	switch {
	case a.ctx.Err() != nil:
		return hinted(errors.New("up: interrupted"), "what was made stays; the next up goes on from there")
	case errors.Is(err, context.DeadlineExceeded):
		return hinted(fmt.Errorf("up: not done after %s: %w", c.Timeout, err), "apex status, apex logs SERVICE")
	}
	return err
}

// secretValues takes the values of the stack's secrets from their variables.
func secretValues(s stack.Stack) map[string]string {
	values := map[string]string{}
	for _, secret := range s.Secrets {
		if v := os.Getenv(secret.Env); secret.Env != "" && v != "" {
			values[secret.Env] = v
		}
	}
	return values
}

// upResult is what up prints for scripts.
type upResult struct {
	Stack       string            `json:"stack"`
	Environment string            `json:"environment"`
	Created     int               `json:"created"`
	Updated     int               `json:"updated"`
	Deleted     int               `json:"deleted"`
	Unchanged   int               `json:"unchanged"`
	Seconds     float64           `json:"seconds"`
	URLs        map[string]string `json:"urls"`
}

func (c upCmd) print(a *app, home region.Home, t target, s apply.Summary) error {
	if c.Output == "json" {
		return writeJSON(a.stdout, upResult{
			t.Stack, t.Environment, s.Created, s.Updated, s.Deleted, s.Unchanged, s.Elapsed.Seconds(), t.urls(home),
		})
	}
	if s.Created+s.Updated+s.Deleted == 0 {
		fmt.Fprintf(a.stderr, "nothing to change: of %s each is as the file says (%s)\n", plural(s.Unchanged, "resource"), seconds(s.Elapsed))
	} else {
		fmt.Fprintf(a.stderr, "%d created, %d updated, %d deleted, %d unchanged (%s)\n",
			s.Created, s.Updated, s.Deleted, s.Unchanged, seconds(s.Elapsed))
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 3, ' ', 0)
	urls := t.urls(home)
	for _, name := range sortedKeys(urls) {
		fmt.Fprintf(w, "%s\t%s\n", name, urls[name])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if t.Domain != "" && !trusted(home) {
		fmt.Fprintf(a.stderr, "apex: hint: %s\n", trustHint)
	}
	return nil
}

// trustHint is for whoever has HTTPS that no browser believes yet.
const trustHint = "browsers do not believe the certificates yet: apex trust"

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
