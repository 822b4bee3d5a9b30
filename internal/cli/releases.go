package cli

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/cli/release"
)

type releasesCmd struct {
	targetFlags
	Service string  `arg:"" help:"The service."`
	Lines   int     `short:"n" help:"How many at most." default:"10"`
	Diff    []int32 `help:"Show what differs between two revisions: --diff 4,5." placeholder:"A,B"`
	Output  string  `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run prints the releases of a service, or the difference of two.
func (c releasesCmd) Run(a *app) error {
	client, s, err := c.find(a, c.Service)
	if err != nil {
		return err
	}
	list, err := client.History(a.ctx, s, max(c.Lines, 1))
	switch {
	case err != nil:
		return err
	case len(c.Diff) > 0:
		return c.diff(a, list)
	case c.Output == "json":
		return writeJSON(a.stdout, list)
	}
	return printReleases(a, list)
}

// find returns a client of releases and the service that is named.
func (f targetFlags) find(a *app, service string) (*release.Client, ecstypes.Service, error) {
	_, t, cfg, err := f.open()
	if err != nil {
		return nil, ecstypes.Service{}, err
	}
	client := release.New(cfg, t.prefix())
	client.Say = func(line string) { fmt.Fprintln(a.stderr, line) }
	s, err := client.Service(a.ctx, service)
	if err != nil {
		err = hinted(err, "services: "+orNone(serviceNames(a.ctx, cfg, t.prefix())))
	}
	return client, s, err
}

func (c releasesCmd) diff(a *app, list []release.Release) error {
	if len(c.Diff) != 2 {
		return fmt.Errorf("releases --diff: it takes two revisions, not %d", len(c.Diff))
	}
	var pair [2]release.Release
	for i, revision := range c.Diff {
		var ok bool
		if pair[i], ok = release.Find(list, revision); !ok {
			return hinted(fmt.Errorf("release %d of %s: it is not among the last %d", revision, c.Service, len(list)), "look further back with -n")
		}
	}
	for _, line := range release.Diff(pair[0], pair[1]) {
		if _, err := fmt.Fprintln(a.stdout, line); err != nil {
			return err
		}
	}
	return nil
}

func printReleases(a *app, list []release.Release) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "\tREVISION\tAGE\tTASKS\tIMAGE\tMESSAGE")
	for _, r := range list {
		mark, tasks := " ", ""
		if r.Current {
			mark = "*"
		}
		if r.Running > 0 {
			tasks = strconv.Itoa(int(r.Running))
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", mark, r.Revision, age(time.Since(r.At)), tasks, r.Image, r.Message)
	}
	return w.Flush()
}

// age is a duration in one unit, as people say it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
