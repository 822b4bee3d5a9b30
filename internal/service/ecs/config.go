package ecs

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/container"
	"apex/internal/image"
	"apex/internal/service"
)

// The addresses that every task finds inside its VPC.
const (
	resolverAddress = "169.254.169.253"
	endpointURL     = "http://169.254.170.23:4566"
	metadataURL     = "http://169.254.170.2"
)

// ingredients are what a task is made from besides its definition, by container.
type ingredients struct {
	images  map[string]image.Unpacked
	secrets map[string][]string // environment entries
	streams map[string]string   // folders of log streams
	files   map[string][]string // environment entries of environment files, the first of a name counts
	volumes map[string]string   // directories of the volumes that outlive the task, by volume
	profile service.Profile
}

// buildConfig says what the data plane shall run. It leaves out what depends on
// the machine: directories, the namespace, the control group.
func buildConfig(scope arn.Scope, t Task, d ecsapi.TaskDefinition, with ingredients) task.Config {
	cpu, _ := strconv.Atoi(t.Spec.CPU)
	memory, _ := strconv.ParseInt(t.Spec.Memory, 10, 64)
	address, _ := netip.ParseAddr(t.Status.Address)
	config := task.Config{
		ID: t.Spec.ID, Address: address, Hostname: hostname(scope, t.Status.Address),
		DNS: []netip.Addr{netip.MustParseAddr(resolverAddress)}, CPU: cpu, Memory: memory,
	}
	for i, c := range d.ContainerDefinitions {
		b := containerBuilder{scope: scope, t: t, d: d, c: c, with: with, image: with.images[api.Val(c.Name)]}
		if o := overrideOf(t, api.Val(c.Name)); o != nil {
			b.override = *o
		}
		config.Containers = append(config.Containers, b.build(t.Status.Containers[i].RuntimeID))
	}
	return config
}

func overrideOf(t Task, name string) *ecsapi.ContainerOverride {
	if t.Spec.Overrides == nil {
		return nil
	}
	for _, o := range t.Spec.Overrides.ContainerOverrides {
		if api.Val(o.Name) == name {
			return &o
		}
	}
	return nil
}

type containerBuilder struct {
	scope    arn.Scope
	t        Task
	d        ecsapi.TaskDefinition
	c        ecsapi.ContainerDefinition
	override ecsapi.ContainerOverride
	image    image.Unpacked
	with     ingredients
}

func (b containerBuilder) build(runtimeID string) task.Container {
	c, name := b.c, api.Val(b.c.Name)
	out := task.Container{
		Name: name, Layers: b.image.Layers, Args: b.args(), Env: b.env(runtimeID),
		Dir: api.Or(c.WorkingDirectory, b.image.Config.WorkingDir), User: api.Or(c.User, b.image.Config.User),
		ReadonlyRoot: api.Val(c.ReadonlyRootFilesystem), Essential: api.Val(c.Essential),
		CPU:         int(api.Or(b.override.Cpu, api.Val(c.Cpu))),
		Memory:      api.Or(b.override.Memory, api.Val(c.Memory)),
		Reserve:     api.Or(b.override.MemoryReservation, api.Val(c.MemoryReservation)),
		Limits:      limits(c.Ulimits),
		StopSignal:  signalNamed(b.image.Config.StopSignal),
		StopTimeout: time.Duration(api.Or(c.StopTimeout, 30)) * time.Second,
		LogDir:      b.with.streams[name],
		Health:      b.health(),
		Mounts:      b.mounts(),
		Restart:     restart(c.RestartPolicy),
	}
	out.EventStart, _ = eventStart(c.LogConfiguration) // it was checked
	for _, s := range c.SystemControls {
		out.Sysctls = append(out.Sysctls, container.Sysctl{Name: api.Val(s.Namespace), Value: api.Val(s.Value)})
	}
	if c.StartTimeout != nil {
		out.StartTimeout = time.Duration(*c.StartTimeout) * time.Second
	}
	for _, on := range c.DependsOn {
		out.DependsOn = append(out.DependsOn, task.Dependency{
			Container: api.Val(on.ContainerName), Condition: task.Condition(api.Val(on.Condition)),
		})
	}
	linux(&out, c.LinuxParameters)
	return out
}

// args are the entry point and the command. As in Docker, an entry point of the
// definition also drops the image's command.
func (b containerBuilder) args() []string {
	entry, command := b.image.Config.Entrypoint, b.image.Config.Cmd
	if len(b.c.EntryPoint) > 0 {
		entry, command = b.c.EntryPoint, nil
	}
	if len(b.c.Command) > 0 {
		command = b.c.Command
	}
	if len(b.override.Command) > 0 {
		command = b.override.Command
	}
	return slices.Concat(entry, command)
}

// env lays over each other: the image's environment, what AWS sets, environment
// files, the definition's, secrets, overrides. The last of a name counts.
func (b containerBuilder) env(runtimeID string) []string {
	e := environment{}
	e.add(b.image.Config.Env...)
	e.add(
		"AWS_REGION="+b.scope.Region, "AWS_DEFAULT_REGION="+b.scope.Region, "AWS_ENDPOINT_URL="+endpointURL,
		"AWS_EXECUTION_ENV=AWS_ECS_FARGATE", "HOSTNAME="+hostname(b.scope, b.t.Status.Address),
		"ECS_CONTAINER_METADATA_URI_V4="+metadataURL+"/v4/"+runtimeID,
	)
	if role, _ := rolesOf(b.t, b.d); role != "" {
		e.add("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/" + b.t.Spec.Credentials)
	}
	for _, entry := range slices.Backward(b.with.files[api.Val(b.c.Name)]) {
		e.add(entry)
	}
	for _, pair := range b.c.Environment {
		e.add(api.Val(pair.Name) + "=" + api.Val(pair.Value))
	}
	e.add(b.with.secrets[api.Val(b.c.Name)]...)
	for _, pair := range b.override.Environment {
		e.add(api.Val(pair.Name) + "=" + api.Val(pair.Value))
	}
	return e
}

// An environment holds each name once.
type environment []string

func (e *environment) add(entries ...string) {
	for _, entry := range entries {
		name, _, _ := strings.Cut(entry, "=")
		*e = slices.DeleteFunc(*e, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		*e = append(*e, entry)
	}
}

func (b containerBuilder) health() *task.HealthCheck {
	h := b.c.HealthCheck
	if h == nil {
		return nil
	}
	args := h.Command
	switch args[0] {
	case "NONE":
		return nil
	case "CMD":
		args = args[1:]
	case "CMD-SHELL":
		args = []string{"/bin/sh", "-c", args[1]}
	}
	return &task.HealthCheck{
		Args:        args,
		Interval:    b.with.profile.Check(time.Duration(api.Val(h.Interval)) * time.Second),
		Timeout:     b.with.profile.Timeout(time.Duration(api.Val(h.Timeout)) * time.Second),
		Retries:     int(api.Val(h.Retries)),
		StartPeriod: time.Duration(api.Val(h.StartPeriod)) * time.Second,
	}
}

func limits(in []ecsapi.Ulimit) []container.Rlimit {
	var out []container.Rlimit
	for _, u := range in {
		out = append(out, container.Rlimit{
			Resource: ulimits[api.Val(u.Name)], Soft: uint64(api.Val(u.SoftLimit)), Hard: uint64(api.Val(u.HardLimit)),
		})
	}
	return out
}

func (b containerBuilder) mounts() []task.Mount {
	var out []task.Mount
	for _, p := range b.c.MountPoints {
		source := api.Val(p.SourceVolume)
		if dir, lasting := b.with.volumes[source]; lasting {
			source = dir
		}
		out = append(out, task.Mount{Source: source, Target: api.Val(p.ContainerPath), ReadOnly: api.Val(p.ReadOnly)})
	}
	return out
}

func restart(p *ecsapi.ContainerRestartPolicy) *task.RestartPolicy {
	if p == nil || !api.Val(p.Enabled) {
		return nil
	}
	out := &task.RestartPolicy{Period: time.Duration(api.Or(p.RestartAttemptPeriod, defaultRestartPeriod)) * time.Second}
	for _, code := range p.IgnoredExitCodes {
		out.Ignored = append(out.Ignored, int(code))
	}
	return out
}

func linux(out *task.Container, p *ecsapi.LinuxParameters) {
	if p == nil {
		return
	}
	out.SharedMemory = api.Val(p.SharedMemorySize) << 20
	for _, t := range p.Tmpfs {
		out.Tmpfs = append(out.Tmpfs, container.Tmpfs{Target: api.Val(t.ContainerPath), Size: api.Val(t.Size) << 20})
	}
	if p.Capabilities != nil {
		out.AddCapabilities, out.DropCapabilities = p.Capabilities.Add, p.Capabilities.Drop
	}
}

// signalNamed reads an image's stop signal, "SIGQUIT" or "3"; 0 if it has none.
func signalNamed(name string) syscall.Signal {
	if n, err := strconv.Atoi(name); err == nil && n > 0 && n < 65 {
		return syscall.Signal(n)
	}
	if name != "" && !strings.HasPrefix(name, "SIG") {
		name = fmt.Sprint("SIG", name)
	}
	return unix.SignalNum(name)
}
