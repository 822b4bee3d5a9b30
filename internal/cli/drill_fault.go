package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"apex/internal/cli/release"
	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/vnet"
	"apex/internal/region"
)

// A driller breaks things of one stack. Faults hit the processes and packets of
// this machine: AWS has no call for them.
type driller struct {
	drillCmd
	observer
	app     *app
	home    region.Home
	ec2     *ec2.Client
	release *release.Client
}

func newDriller(c drillCmd, a *app, home region.Home, t target, cfg aws.Config) (*driller, error) {
	c.Service = cmp.Or(c.Service, firstOf(t.Paths))
	if _, ok := t.Paths[c.Service]; !ok {
		return nil, hinted(fmt.Errorf("drill: no service %q is behind the load balancer", c.Service), "services: "+orNone(sortedKeys(t.Paths)))
	}
	return &driller{
		drillCmd: c, app: a, home: home, ec2: ec2.NewFromConfig(cfg), release: release.New(cfg, t.prefix()),
		observer: observer{target: t, ecs: ecs.NewFromConfig(cfg), elb: elb.NewFromConfig(cfg)},
	}, nil
}

func firstOf(paths map[string]string) string {
	if names := sortedKeys(paths); len(names) > 0 {
		return names[0]
	}
	return ""
}

func (d *driller) say(format string, args ...any) { fmt.Fprintf(d.app.stderr, format+"\n", args...) }

func (d *driller) url() string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", d.home.HTTPPort, cmp.Or(d.Path, d.Paths[d.Service]))
}

// nothing mends what mends itself.
func nothing() error { return nil }

// inject brings the fault about and returns what mends it.
func (d *driller) inject(ctx context.Context) (mend func() error, err error) {
	switch d.Fault {
	case "task-kill":
		return nothing, d.signalTask(ctx, syscall.SIGKILL)
	case "task-freeze":
		return nothing, d.signalTask(ctx, syscall.SIGSTOP)
	case "az-down":
		return d.cutZone(ctx)
	case "balancer-kill":
		return nothing, d.killBalancer(ctx)
	case "region-kill":
		return d.killRegion(ctx)
	case "deploy-under-load":
		return nothing, d.deploy(ctx)
	}
	return nothing, nil
}

// signalTask sends a signal to the program of one of the service's tasks. What is
// frozen is ended by the service itself, which finds it unhealthy.
func (d *driller) signalTask(ctx context.Context, s syscall.Signal) error {
	tasks, err := d.tasks(ctx, d.Service)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return fmt.Errorf("drill: service %s has no running task", d.Service)
	}
	id := filepath.Base(aws.ToString(tasks[0].TaskArn))
	state, err := task.Observe(filepath.Join(d.home.Dir, "tasks", id))
	if err != nil {
		return fmt.Errorf("drill: %w", err)
	}
	for _, c := range state.Containers {
		if c.PID > 0 && c.Essential {
			d.say("%s to task %s in %s", map[syscall.Signal]string{syscall.SIGKILL: "kill -9", syscall.SIGSTOP: "kill -STOP"}[s], id[:8], aws.ToString(tasks[0].AvailabilityZone))
			return signalTree(c.PID, s)
		}
	}
	return fmt.Errorf("drill: task %s has no process", id)
}

// signalTree sends a signal to a process and all below it: the first process of a
// container only waits for the program.
func signalTree(pid int, s syscall.Signal) error {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return fmt.Errorf("drill: processes below %d: %w", pid, err)
	}
	if err := syscall.Kill(pid, s); err != nil {
		return fmt.Errorf("drill: signal process %d: %w", pid, err)
	}
	for _, field := range strings.Fields(string(children)) {
		child, err := strconv.Atoi(field)
		if err == nil {
			signalTree(child, s) // one that has ended meanwhile needs no signal
		}
	}
	return nil
}

// cutZone drops every packet from and to the subnets of the second zone.
func (d *driller) cutZone(ctx context.Context) (func() error, error) {
	out, err := d.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:apex:stack"), Values: []string{d.Stack}},
		{Name: aws.String("tag:apex:environment"), Values: []string{d.Environment}},
	}})
	if err != nil {
		return nothing, fmt.Errorf("drill: %w", err)
	}
	zone, network := "", ""
	for _, s := range out.Subnets {
		zone, network = max(zone, aws.ToString(s.AvailabilityZone)), aws.ToString(s.VpcId)
	}
	var blocks []netip.Prefix
	for _, s := range out.Subnets {
		if aws.ToString(s.AvailabilityZone) != zone {
			continue
		}
		block, err := netip.ParsePrefix(aws.ToString(s.CidrBlock))
		if err != nil {
			return nothing, fmt.Errorf("drill: %w", err)
		}
		blocks = append(blocks, block)
	}
	if len(blocks) == 0 {
		return nothing, errors.New("drill: the stack has no subnets")
	}
	d.say("cut %s off: %v", zone, blocks)
	mend := func() error {
		d.say("mend %s", zone)
		return vnet.Cut(d.home.Hash(), network)
	}
	return mend, vnet.Cut(d.home.Hash(), network, blocks...)
}

// killBalancer kills the process that answers users.
func (d *driller) killBalancer(ctx context.Context) error {
	out, err := d.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{d.prefix()}})
	if err != nil {
		return fmt.Errorf("drill: %w", err)
	}
	id := filepath.Base(aws.ToString(out.LoadBalancers[0].LoadBalancerArn))
	state, err := balancer.Observe(ctx, filepath.Join(d.home.Dir, "balancers", id))
	if err != nil {
		return fmt.Errorf("drill: %w", err)
	}
	d.say("kill -9 to the balancer, process %d", state.PID)
	return syscall.Kill(state.PID, syscall.SIGKILL)
}

// killRegion kills the region's own process, which comes back at the end.
func (d *driller) killRegion(context.Context) (func() error, error) {
	daemon, ok := d.home.Daemon()
	if !ok {
		return nothing, errors.New("drill: the region does not run")
	}
	d.say("kill -9 to the region, process %d", daemon.PID)
	return func() error {
		d.say("start the region again")
		_, err := ensureRegion(d.app.ctx, d.home)
		return err
	}, syscall.Kill(daemon.PID, syscall.SIGKILL)
}

// deploy replaces all tasks of the service.
func (d *driller) deploy(ctx context.Context) error {
	s, err := d.release.Service(ctx, d.Service)
	if err != nil {
		return err
	}
	d.say("replace all tasks of %s", d.Service)
	result, err := d.release.Roll(ctx, s, aws.ToString(s.TaskDefinition), true, release.Stable)
	if err == nil {
		d.say("deployed in %s", seconds(result.Took))
	}
	return err
}

const (
	healTimeout = 2 * time.Minute // for tasks to be healthy
	healLook    = 100 * time.Millisecond
)

// whole reports whether the service has all its tasks healthy and no deployment
// under way; else it says what is missing.
func (d *driller) whole(ctx context.Context) (bool, string, error) {
	s, err := d.release.Service(ctx, d.Service)
	if err != nil {
		return false, "", err
	}
	st, err := d.service(ctx, s)
	missing := fmt.Sprintf("%d of %d tasks are healthy", st.Healthy, st.Desired)
	return st.Running == st.Desired && st.Healthy >= st.Desired && len(s.Deployments) == 1, missing, err
}

// awaitHealthy waits until the service has all its tasks healthy.
func (d *driller) awaitHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healTimeout)
	defer cancel()
	for {
		ok, missing, err := d.whole(ctx)
		if ok || err != nil {
			return err
		}
		wait(ctx, healLook)
		if ctx.Err() != nil {
			return fmt.Errorf("service %s: %s: %w", d.Service, missing, ctx.Err())
		}
	}
}
