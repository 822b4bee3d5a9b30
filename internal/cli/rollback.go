package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/cli/release"
	"apex/internal/region"
)

type rollbackCmd struct {
	targetFlags
	Service  string        `arg:"" help:"The service."`
	Revision int32         `arg:"" optional:"" help:"The revision to go back to; the one before by default."`
	DryRun   bool          `help:"Only say what would be done."`
	Wait     string        `help:"Wait until the old version is deployed, until all is stable, or for none." enum:"deployed,stable,none" default:"deployed"`
	Timeout  time.Duration `help:"Stop waiting after this long." default:"10m"`
	Output   string        `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run takes back a deployment that is under way, which is instant while the old
// tasks are still there, or rolls an earlier release out again. Database and
// secrets stay as they are.
func (c rollbackCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	client, s, err := c.find(a, c.Service)
	if err != nil {
		return err
	}
	held, err := lockChanges(home)
	if err != nil {
		return err
	}
	defer held.Close()
	ctx, cancel := context.WithTimeout(a.ctx, c.Timeout)
	defer cancel()
	result, err := c.back(ctx, a, client, s)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return withCode(hinted(fmt.Errorf("rollback: not done after %s: %w", c.Timeout, err), "ECS goes on: apex status"), exitTimedOut)
	}
	if err != nil || c.DryRun {
		return err
	}
	if c.Output == "json" {
		return writeJSON(a.stdout, result)
	}
	fmt.Fprintf(a.stderr, "rolled back %s: %s, before %s (%s)\n", result.Service, result.To, result.From, seconds(result.Took))
	if result.Tally != nil {
		fmt.Fprintf(a.stderr, "            %s\n", result.Tally)
	}
	return nil
}

func (c rollbackCmd) back(ctx context.Context, a *app, client *release.Client, s ecstypes.Service) (release.Result, error) {
	if c.Revision == 0 && !c.DryRun {
		result, stopped, err := client.Abort(ctx, s)
		if stopped || err != nil {
			return c.counted(ctx, client, s, result, err)
		}
	}
	to, err := c.choose(ctx, client, s)
	if err != nil {
		return release.Result{}, err
	}
	if c.DryRun {
		_, err := fmt.Fprintf(a.stdout, "%s would go back from %s to %s\n", c.Service, release.Short(aws.ToString(s.TaskDefinition)), release.Short(to.Definition))
		return release.Result{}, err
	}
	result, err := client.Roll(ctx, s, to.Definition, false, release.Goal(c.Wait))
	return c.counted(ctx, client, s, result, err)
}

// counted adds what users saw. That it is not known is no fault of the rollback.
func (c rollbackCmd) counted(ctx context.Context, client *release.Client, s ecstypes.Service, r release.Result, err error) (release.Result, error) {
	if err == nil && c.Wait != string(release.Started) {
		r.Tally, _ = client.Count(ctx, s, r.Began, r.Began.Add(r.Took))
	}
	return r, err
}

// deepHistory is how far back a release is looked for.
const deepHistory = 100

func (c rollbackCmd) choose(ctx context.Context, client *release.Client, s ecstypes.Service) (release.Release, error) {
	list, err := client.History(ctx, s, deepHistory)
	if err != nil {
		return release.Release{}, err
	}
	if c.Revision != 0 {
		r, ok := release.Find(list, c.Revision)
		switch {
		case !ok:
			return r, hinted(fmt.Errorf("rollback %s: there is no release %d", c.Service, c.Revision), "apex releases "+c.Service)
		case r.Current:
			return r, fmt.Errorf("rollback %s: release %d is what it runs", c.Service, c.Revision)
		}
		return r, nil
	}
	r, ok := release.Previous(list)
	if !ok {
		return r, hinted(fmt.Errorf("rollback %s: there is no release before the current one", c.Service), "apex releases "+c.Service)
	}
	return r, nil
}
