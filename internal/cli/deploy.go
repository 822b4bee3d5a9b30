package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/cli/release"
	"apex/internal/graph"
	"apex/internal/graph/apply"
	"apex/internal/region"
	"apex/internal/stack"
)

type deployCmd struct {
	stackFlags
	Services []string      `arg:"" optional:"" help:"The services; all by default."`
	Image    string        `help:"Roll out this image instead of building one; for one service." placeholder:"REF"`
	Force    bool          `help:"Replace all tasks even if nothing changed."`
	Message  string        `short:"m" help:"What changes, for apex releases."`
	Wait     string        `help:"Wait until the new version is deployed, until all is stable, or for none." enum:"deployed,stable,none" default:"deployed"`
	NoVerify bool          `help:"Do not look at image and secrets, and start no probe task first."`
	Timeout  time.Duration `help:"Stop waiting after this long." default:"10m"`
	Output   string        `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run verifies the chosen services' new versions, rolls them out one after
// another, and says what users saw.
func (c deployCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	s, err := c.stack()
	if err != nil {
		return err
	}
	cfg, err := running(home)
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
	d := &deployment{deployCmd: c, app: a, stack: s, client: release.New(cfg, targetOf(s).prefix())}
	d.client.Say = func(line string) { fmt.Fprintln(a.stderr, line) }
	if err := d.prepare(ctx, cfg); err != nil {
		return d.explain(ctx, err)
	}
	results, err := d.roll(ctx)
	if c.Output == "json" {
		err = errors.Join(err, writeJSON(a.stdout, results))
	}
	return d.explain(ctx, err)
}

// stack is the stack with the chosen services and the image in place.
func (c *deployCmd) stack() (stack.Stack, error) {
	s, err := c.load()
	if err != nil {
		return s, err
	}
	if len(c.Services) == 0 {
		c.Services = sortedKeys(s.Services)
	}
	for _, name := range c.Services {
		if _, ok := s.Services[name]; !ok {
			return s, hinted(fmt.Errorf("deploy %s: the stack has no such service", name), "services: "+strings.Join(sortedKeys(s.Services), ", "))
		}
	}
	if c.Image == "" {
		return s, nil
	}
	if len(c.Services) != 1 {
		return s, hinted(errors.New("deploy --image: it is for one service"), "apex deploy SERVICE --image "+c.Image)
	}
	svc := s.Services[c.Services[0]]
	svc.Build, svc.Image = "", c.Image
	s.Services[c.Services[0]] = svc
	return s, nil
}

// A deployment is one run of deploy.
type deployment struct {
	deployCmd
	app    *app
	stack  stack.Stack
	client *release.Client
}

// prepare builds and pushes images and registers task definitions.
func (d *deployment) prepare(ctx context.Context, cfg aws.Config) error {
	g, err := graph.Build(d.stack)
	if err != nil {
		return err
	}
	var ids []graph.ID
	for _, name := range d.Services {
		ids = append(ids, graph.ID("TaskDefinition/"+name))
	}
	show := newProgress(d.app.stderr)
	defer show.close()
	_, err = apply.Run(ctx, apply.Options{
		Config: cfg, Graph: g.Closure(ids...), Partial: true, Message: d.Message,
		Dir: filepath.Dir(d.File), Values: secretValues(d.stack), Report: show.event,
	})
	return err
}

// roll brings the services to their new versions, one after another.
func (d *deployment) roll(ctx context.Context) ([]release.Result, error) {
	results := []release.Result{}
	for _, name := range d.Services {
		s, err := d.client.Service(ctx, name)
		if err != nil {
			return results, hinted(err, "apex up makes the stack")
		}
		definition, err := d.client.Definition(ctx, d.client.Cluster+"-"+name)
		if err != nil {
			return results, err
		}
		arn := aws.ToString(definition.TaskDefinitionArn)
		if arn == aws.ToString(s.TaskDefinition) && !d.Force {
			fmt.Fprintf(d.app.stderr, "%s: nothing to deploy: %s runs already (--force replaces its tasks)\n", name, release.Short(arn))
			continue
		}
		result, err := d.rollOne(ctx, s, definition)
		results = append(results, result)
		if err != nil {
			return results, err
		}
	}
	return results, nil
}

func (d *deployment) rollOne(ctx context.Context, s ecstypes.Service, definition ecstypes.TaskDefinition) (release.Result, error) {
	arn, name := aws.ToString(definition.TaskDefinitionArn), aws.ToString(s.ServiceName)
	if !d.NoVerify {
		if err := d.verify(ctx, s, definition); err != nil {
			return release.Result{Service: name}, hinted(err, "nothing was rolled out; --no-verify does it nevertheless")
		}
	}
	result, err := d.client.Roll(ctx, s, arn, d.Force, release.Goal(d.Wait))
	if err != nil || d.Wait == string(release.Started) {
		return result, err
	}
	return result, d.report(ctx, s, &result)
}

// verify finds out whether tasks of the definition can serve. One that cannot is
// no release: it is taken out of the list again.
func (d *deployment) verify(ctx context.Context, s ecstypes.Service, definition ecstypes.TaskDefinition) error {
	began, arn := time.Now(), aws.ToString(definition.TaskDefinitionArn)
	err := d.client.Verify(ctx, definition)
	if err != nil {
		err = fmt.Errorf("verify %s: %w", aws.ToString(s.ServiceName), err)
	} else if err = d.client.Probe(ctx, s, arn); err == nil {
		fmt.Fprintf(d.app.stderr, "verified  %s: image, secrets, and a probe task that answers (%s)\n", release.Short(arn), seconds(time.Since(began)))
		return nil
	}
	if arn != aws.ToString(s.TaskDefinition) {
		err = errors.Join(err, d.client.Discard(ctx, arn))
	}
	return err
}

// report says what the roll-out did and what users saw of it.
func (d *deployment) report(ctx context.Context, s ecstypes.Service, r *release.Result) error {
	tally, err := d.client.Count(ctx, s, r.Began, r.Began.Add(r.Took))
	if ctx.Err() != nil {
		return err
	}
	r.Tally = tally
	fmt.Fprintf(d.app.stderr, "deployed  %s: %s, before %s (%s)\n", r.Service, r.To, r.From, seconds(r.Took))
	switch {
	case err != nil:
		fmt.Fprintf(d.app.stderr, "          requests were not counted: %v\n", err)
	case tally != nil:
		fmt.Fprintf(d.app.stderr, "          %s\n", tally)
	}
	return nil
}

// explain gives an error its exit code and the way on.
func (d *deployment) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case d.app.ctx.Err() != nil:
		return hinted(errors.New("deploy: interrupted"), "ECS goes on with what has begun: apex status; apex rollback takes it back")
	case errors.Is(err, release.ErrRolledBack):
		return withCode(hinted(err, "apex logs shows what the new tasks wrote; apex explain TASK says why one stopped"), exitRolledBack)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return withCode(hinted(fmt.Errorf("deploy: not done after %s: %w", d.Timeout, err), "ECS goes on: apex status; apex rollback takes it back"), exitTimedOut)
	}
	return err
}

// serviceNames lists the services of a cluster, for hints.
func serviceNames(ctx context.Context, cfg aws.Config, cluster string) []string {
	out, err := ecs.NewFromConfig(cfg).ListServices(ctx, &ecs.ListServicesInput{Cluster: &cluster, MaxResults: aws.Int32(100)})
	if err != nil {
		return nil
	}
	var names []string
	for _, arn := range out.ServiceArns {
		names = append(names, filepath.Base(arn))
	}
	slices.Sort(names)
	return names
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
