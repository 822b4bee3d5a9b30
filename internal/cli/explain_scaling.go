package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"apex/internal/cli/release"
	"apex/internal/cli/scaling"
	"apex/internal/region"
)

type explainScalingCmd struct {
	targetFlags
	Service string `arg:"" help:"The service."`
	Output  string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run says what scaling will do next with a service, and what stands against it.
func (c explainScalingCmd) Run(a *app) error {
	scaler, err := c.scaler(a, c.Service)
	if err != nil {
		return err
	}
	view, err := scaler.look(a.ctx)
	if err != nil {
		return err
	}
	story := scaling.Tell(view, time.Now())
	if c.Output == "json" {
		return writeJSON(a.stdout, story)
	}
	_, err = fmt.Fprint(a.stdout, story)
	return err
}

// A scaler looks at, and changes, how a service scales.
type scaler struct {
	service string
	cfg     aws.Config
	release *release.Client
	scaling *scaling.Client
}

func (f targetFlags) scaler(a *app, service string) (scaler, error) {
	home, err := region.HomeFromEnv()
	if err != nil {
		return scaler{}, err
	}
	t, err := f.target(home)
	if err != nil {
		return scaler{}, err
	}
	cfg, err := running(home)
	if err != nil {
		return scaler{}, err
	}
	s := scaler{service, cfg, release.New(cfg, t.prefix()), scaling.New(cfg, t.prefix(), scaling.Pace{Period: home.AlarmPeriod, Cooldown: home.Cooldown})}
	if _, err := s.release.Service(a.ctx, service); err != nil {
		return s, hinted(err, "services: "+orNone(serviceNames(a.ctx, cfg, t.prefix())))
	}
	return s, nil
}

// look collects what is known of the service's scaling.
func (s scaler) look(ctx context.Context) (scaling.View, error) {
	svc, err := s.release.Service(ctx, s.service)
	if err != nil {
		return scaling.View{}, err
	}
	cpu := ""
	if d, err := s.release.Definition(ctx, aws.ToString(svc.TaskDefinition)); err == nil {
		cpu = aws.ToString(d.Cpu)
	}
	return s.scaling.Look(ctx, svc, cpu, time.Now())
}
