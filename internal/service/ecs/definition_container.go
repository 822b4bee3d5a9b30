package ecs

import (
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/container"
)

// newContainer checks one container definition and fills in defaults.
func newContainer(c ecsapi.ContainerDefinition, d *ecsapi.TaskDefinition) (ecsapi.ContainerDefinition, error) {
	name := api.Val(c.Name)
	if !nameRule.MatchString(name) {
		return c, ecsapi.NewClientException("Container.name contains invalid characters: up to 255 letters, digits, hyphens and underscores are allowed.")
	}
	if api.Val(c.Image) == "" {
		return c, ecsapi.NewClientException("Container.image should not be null or empty.")
	}
	if err := checkContainer(name, c); err != nil {
		return c, err
	}
	if d.Memory == nil && c.Memory == nil && c.MemoryReservation == nil {
		return c, ecsapi.NewClientException("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", name)
	}
	if c.Memory != nil && c.MemoryReservation != nil && *c.MemoryReservation > *c.Memory {
		return c, ecsapi.NewClientException("Invalid setting for container '%s'. 'memory' must be at least 'memoryReservation'.", name)
	}
	c.Cpu = api.Ptr(api.Val(c.Cpu))
	c.Essential = api.Ptr(api.Or(c.Essential, true))
	c.Environment, c.MountPoints = orEmpty(c.Environment), orEmpty(c.MountPoints)
	c.VolumesFrom, c.SystemControls = orEmpty(c.VolumesFrom), orEmpty(c.SystemControls)
	ports, err := newPorts(name, c.PortMappings, api.Val(d.NetworkMode))
	if err != nil {
		return c, err
	}
	c.PortMappings = ports
	c.HealthCheck, err = newHealthCheck(name, c.HealthCheck)
	return c, err
}

// checkContainer refuses what containers of this region do not do.
func checkContainer(name string, c ecsapi.ContainerDefinition) error {
	for _, refused := range []struct {
		used bool
		what string
	}{
		{api.Val(c.Privileged), "privileged"},
		{len(c.Links) > 0, "links"},
		{len(c.VolumesFrom) > 0, "volumesFrom"},
		{len(c.ExtraHosts) > 0, "extraHosts"},
		{len(c.DnsServers) > 0 || len(c.DnsSearchDomains) > 0, "dnsServers or dnsSearchDomains"},
		{len(c.DockerSecurityOptions) > 0, "dockerSecurityOptions"},
		{len(c.ResourceRequirements) > 0, "resourceRequirements"},
		{len(c.CredentialSpecs) > 0, "credentialSpecs"},
		{c.FirelensConfiguration != nil, "firelensConfiguration"},
		{c.RepositoryCredentials != nil, "repositoryCredentials"},
		{c.LinuxParameters != nil && len(c.LinuxParameters.Devices) > 0, "devices"},
		{c.LogConfiguration != nil && api.Val(c.LogConfiguration.LogDriver) != ecsapi.LogDriverAwslogs, "a log driver other than awslogs"},
		{c.LogConfiguration != nil && len(c.LogConfiguration.SecretOptions) > 0, "secretOptions"},
		{api.Val(c.DisableNetworking), "disableNetworking"},
		{api.Val(c.Interactive), "interactive: nothing is on the other side of their input"},
		{api.Val(c.PseudoTerminal), "pseudoTerminal"},
		{c.LinuxParameters != nil && (c.LinuxParameters.MaxSwap != nil || c.LinuxParameters.Swappiness != nil), "maxSwap or swappiness, as on Fargate"},
	} {
		if refused.used {
			return ecsapi.NewClientException("Container %s: this region does not run containers with %s.", name, refused.what)
		}
	}
	for _, err := range []error{
		checkLogs(name, c.LogConfiguration), checkEnvFiles(name, c.EnvironmentFiles),
		checkControls(name, c.SystemControls), checkRestart(name, c.RestartPolicy),
	} {
		if err != nil {
			return err
		}
	}
	return checkLimits(name, c)
}

func checkLimits(name string, c ecsapi.ContainerDefinition) error {
	for _, u := range c.Ulimits {
		if _, known := ulimits[api.Val(u.Name)]; !known || api.Val(u.SoftLimit) > api.Val(u.HardLimit) {
			return ecsapi.NewClientException("Container %s: ulimit %s is unknown or its soft limit is above the hard one.", name, api.Val(u.Name))
		}
	}
	if t := api.Val(c.StopTimeout); t < 0 || t > 120 {
		return ecsapi.NewClientException("Container %s: stopTimeout must be from 0 to 120 seconds on Fargate.", name)
	}
	if p := c.LinuxParameters; p != nil && p.Capabilities != nil {
		if slices.ContainsFunc(p.Capabilities.Add, func(c string) bool { return c != "SYS_PTRACE" }) {
			return ecsapi.NewClientException("Container %s: Fargate adds no capability but SYS_PTRACE.", name)
		}
	}
	return nil
}

func checkControls(name string, all []ecsapi.SystemControl) error {
	for _, s := range all {
		if !(container.Sysctl{Name: api.Val(s.Namespace)}).Namespaced() {
			return ecsapi.NewClientException("Container %s: system control %s is not one of the network or of IPC.", name, api.Val(s.Namespace))
		}
	}
	return nil
}

// A container that its policy starts again must have run for so long: seconds.
const (
	defaultRestartPeriod = 300
	minRestartPeriod     = 60
	maxRestartPeriod     = 1800
)

func checkRestart(name string, p *ecsapi.ContainerRestartPolicy) error {
	if p == nil {
		return nil
	}
	if n := api.Or(p.RestartAttemptPeriod, defaultRestartPeriod); n < minRestartPeriod || n > maxRestartPeriod {
		return ecsapi.NewClientException("Container %s: restartAttemptPeriod %d is not from 60 to 1800 seconds.", name, n)
	}
	if len(p.IgnoredExitCodes) > 50 {
		return ecsapi.NewClientException("Container %s: there are more than 50 ignored exit codes.", name)
	}
	return nil
}

func newPorts(name string, in []ecsapi.PortMapping, mode string) ([]ecsapi.PortMapping, error) {
	out := []ecsapi.PortMapping{}
	for _, p := range in {
		if p.ContainerPortRange != nil {
			return nil, ecsapi.NewClientException("Container %s: this region does not map ranges of ports.", name)
		}
		port := api.Val(p.ContainerPort)
		if port < 1 || port > 65535 {
			return nil, ecsapi.NewClientException("Container %s: port %d is not from 1 to 65535.", name, port)
		}
		if mode == ecsapi.NetworkModeAwsvpc {
			if api.Or(p.HostPort, port) != port {
				return nil, ecsapi.NewClientException("When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
			}
			p.HostPort = &port
		}
		p.Protocol = api.Ptr(api.Or(p.Protocol, ecsapi.TransportProtocolTcp))
		out = append(out, p)
	}
	return out, nil
}

// newHealthCheck fills in AWS's defaults and holds its bounds.
func newHealthCheck(name string, in *ecsapi.HealthCheck) (*ecsapi.HealthCheck, error) {
	if in == nil {
		return nil, nil
	}
	h := *in
	if len(h.Command) == 0 {
		return nil, ecsapi.NewClientException("Container %s: the health check has no command.", name)
	}
	if kind := h.Command[0]; kind == "CMD" && len(h.Command) < 2 || kind == "CMD-SHELL" && len(h.Command) != 2 {
		return nil, ecsapi.NewClientException("Container %s: the health check's command is not CMD with arguments or CMD-SHELL with one.", name)
	}
	for _, b := range []struct {
		what          string
		value         **int64
		def, from, to int64
	}{
		{"interval", &h.Interval, 30, 5, 300},
		{"timeout", &h.Timeout, 5, 2, 60},
		{"retries", &h.Retries, 3, 1, 10},
		{"startPeriod", &h.StartPeriod, 0, 0, 300},
	} {
		if *b.value == nil && b.what == "startPeriod" {
			continue
		}
		v := api.Or(*b.value, b.def)
		if v < b.from || v > b.to {
			return nil, ecsapi.NewClientException("Container %s: health check %s %d is not from %d to %d.", name, b.what, v, b.from, b.to)
		}
		*b.value = &v
	}
	return &h, nil
}

// taskOrder lets the data plane check that the containers can start.
func taskOrder(d *ecsapi.TaskDefinition) error {
	probe := task.Config{ID: "x", Dir: "/", Cgroup: "x"}
	for _, c := range d.ContainerDefinitions {
		each := task.Container{Name: api.Val(c.Name), Essential: api.Val(c.Essential)}
		if c.HealthCheck != nil {
			each.Health = &task.HealthCheck{Interval: time.Second}
		}
		for _, on := range c.DependsOn {
			each.DependsOn = append(each.DependsOn, task.Dependency{
				Container: api.Val(on.ContainerName), Condition: task.Condition(api.Val(on.Condition)),
			})
		}
		probe.Containers = append(probe.Containers, each)
	}
	if err := probe.Validate(); err != nil {
		return ecsapi.NewClientException("The containers cannot start in any order: %v.", err)
	}
	return nil
}
