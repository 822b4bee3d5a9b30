package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"apex/internal/cli/drill"
)

type drillCmd struct {
	targetFlags
	Fault     string        `arg:"" help:"${enum}." enum:"task-kill,task-freeze,az-down,balancer-kill,region-kill,deploy-under-load,none"`
	Service   string        `arg:"" optional:"" help:"The service that is hit and asked; the first by name by default." `
	Path      string        `help:"The path that is asked; the service's first by default."`
	Rate      int           `name:"rps" help:"Requests a second." default:"300"`
	Posts     int           `help:"Percent of the requests that are POSTs: only for services that bear them." default:"0"`
	For       time.Duration `help:"How long the load goes on after the fault." default:"15s"`
	Settle    time.Duration `help:"After this long health checks have acted: later failures are counted apart." default:"2.5s"`
	Objective float64       `help:"Percent of requests that must be answered." default:"100"`
	Output    string        `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// before is how long the load runs before the fault.
const before = 2 * time.Second

// Run breaks something under load on this machine, mends what does not mend
// itself, and reports. It fails if the objective is missed.
func (c drillCmd) Run(a *app) error {
	home, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	d, err := newDriller(c, a, home, t, cfg)
	if err != nil {
		return err
	}
	report, err := d.run(a.ctx)
	if err != nil {
		return err
	}
	if c.Output == "json" {
		err = writeJSON(a.stdout, report)
	} else {
		err = report.Print(a.stdout)
	}
	if err == nil && !report.Met {
		err = fmt.Errorf("drill %s: %.3f %% of the requests were answered, less than %g %%", c.Fault, report.Available, c.Objective)
	}
	return err
}

// run sends the load, injects the fault, and waits for both ends.
func (d *driller) run(ctx context.Context) (drill.Report, error) {
	if err := d.awaitHealthy(ctx); err != nil {
		return drill.Report{}, fmt.Errorf("drill %s: before it began: %w", d.Fault, err)
	}
	url := d.url()
	d.say("%d requests a second at %s", d.Rate, url)
	loading, stop := context.WithCancel(ctx)
	defer stop()
	shots := make(chan []drill.Shot, 1)
	go func() { shots <- drill.Load{URLs: []string{url}, Rate: d.Rate, Posts: d.Posts}.Run(loading) }()
	wait(ctx, before)
	at := time.Now()
	healed := d.watchHealing(loading)
	mend, err := d.inject(ctx)
	if err == nil {
		wait(ctx, time.Until(at.Add(d.For)))
	}
	err = errors.Join(err, mend())
	if err == nil && ctx.Err() == nil {
		err = d.awaitHealthy(ctx)
	}
	stop()
	report := drill.Judge(<-shots, d.Fault, at, d.Settle, d.Objective)
	if when := <-healed; !when.IsZero() {
		report.Recovered = when.Sub(at).Seconds()
	}
	return report, errors.Join(err, ctx.Err())
}

// watchHealing tells when the service, after it was seen without all its tasks,
// had them again; the zero time if that did not happen until ctx ends.
func (d *driller) watchHealing(ctx context.Context) <-chan time.Time {
	told := make(chan time.Time, 1)
	go func() {
		defer close(told)
		hurt := false
		for ctx.Err() == nil {
			whole, _, err := d.whole(ctx)
			hurt = hurt || err == nil && !whole
			if hurt && whole {
				told <- time.Now()
				return
			}
			wait(ctx, healLook)
		}
	}()
	return told
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
