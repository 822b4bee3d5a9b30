package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// newDefinition checks a registration and fills in what AWS gives back for what
// was left out. What a task of this region could not honour is refused here and
// not when it starts.
func newDefinition(in *ecsapi.RegisterTaskDefinitionRequest) (ecsapi.TaskDefinition, error) {
	d := ecsapi.TaskDefinition{
		Family: in.Family, TaskRoleArn: in.TaskRoleArn, ExecutionRoleArn: in.ExecutionRoleArn,
		NetworkMode: in.NetworkMode, Volumes: orEmpty(in.Volumes), PlacementConstraints: orEmpty(in.PlacementConstraints),
		RequiresCompatibilities: in.RequiresCompatibilities, RuntimePlatform: in.RuntimePlatform,
		EphemeralStorage: in.EphemeralStorage, PidMode: in.PidMode, IpcMode: in.IpcMode,
		Status: api.Ptr(ecsapi.TaskDefinitionStatusActive),
	}
	if !nameRule.MatchString(api.Val(in.Family)) {
		return d, ecsapi.NewClientException("Family contains invalid characters: up to 255 letters, digits, hyphens and underscores are allowed.")
	}
	if err := checkTask(in); err != nil {
		return d, err
	}
	if err := size(&d, in.Cpu, in.Memory); err != nil {
		return d, err
	}
	for _, c := range in.ContainerDefinitions {
		c, err := newContainer(c, &d)
		if err != nil {
			return d, err
		}
		if err := checkExecution(in, &c); err != nil {
			return d, err
		}
		d.ContainerDefinitions = append(d.ContainerDefinitions, c)
	}
	return d, checkTogether(&d)
}

// checkExecution wants an execution role for what only such a role can do. Every
// image that tasks of this region run is in its ECR.
func checkExecution(in *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) error {
	switch fargate := slices.Contains(in.RequiresCompatibilities, ecsapi.CompatibilityFargate); {
	case in.ExecutionRoleArn != nil:
		return nil
	case len(c.Secrets) > 0:
		return ecsapi.NewClientException("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
	case fargate && strings.Contains(api.Val(c.Image), ".dkr.ecr."):
		return ecsapi.NewClientException("Fargate requires task definition to have execution role ARN to support ECR images.")
	case fargate && c.LogConfiguration != nil:
		return ecsapi.NewClientException("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
	}
	return nil
}

// checkTask refuses what tasks of this region do not do.
func checkTask(in *ecsapi.RegisterTaskDefinitionRequest) error {
	if len(in.ContainerDefinitions) == 0 {
		return ecsapi.NewClientException("Container list cannot be empty.")
	}
	if in.ProxyConfiguration != nil || len(in.InferenceAccelerators) > 0 || in.PidMode != nil || in.IpcMode != nil {
		return unbuilt("proxyConfiguration, inferenceAccelerators, pidMode and ipcMode")
	}
	for _, v := range in.Volumes {
		if err := checkVolume(v); err != nil {
			return err
		}
	}
	if e := in.EphemeralStorage; e != nil && (api.Val(e.SizeInGiB) < 21 || api.Val(e.SizeInGiB) > 200) {
		return ecsapi.NewClientException("Invalid ephemeral storage: %d GiB is not from 21 to 200.", api.Val(e.SizeInGiB))
	}
	return checkRuntime(in.RuntimePlatform)
}

// checkRuntime refuses what this machine cannot run.
func checkRuntime(p *ecsapi.RuntimePlatform) error {
	if p == nil {
		return nil
	}
	if system := api.Or(p.OperatingSystemFamily, ecsapi.OSFamilyLinux); system != ecsapi.OSFamilyLinux {
		return unbuilt("the operating system " + system)
	}
	if cpu := api.Or(p.CpuArchitecture, ecsapi.CPUArchitectureX8664); !strings.EqualFold(cpu, architecture) {
		return unbuilt("the CPU architecture " + cpu + ": this machine's is " + architecture)
	}
	return nil
}

func unbuilt(what string) error {
	return ecsapi.NewClientException("This region does not run tasks with %s.", what)
}

// size checks cpu and memory. Fargate's go in pairs and need awsvpc.
func size(d *ecsapi.TaskDefinition, cpu, memory *string) error {
	fargate := slices.Contains(d.RequiresCompatibilities, ecsapi.CompatibilityFargate)
	if fargate && api.Val(d.NetworkMode) != ecsapi.NetworkModeAwsvpc {
		return ecsapi.NewClientException("When using Fargate, network mode must be awsvpc.")
	}
	if fargate && (cpu == nil || memory == nil) {
		return ecsapi.NewClientException("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
	}
	d.Compatibilities = []string{ecsapi.CompatibilityEc2}
	units, mib := 0, 0
	var err error
	if cpu != nil {
		if units, err = parseCPU(*cpu); err != nil {
			return ecsapi.NewClientException("Invalid 'cpu' setting for task: %v", err)
		}
		d.Cpu = api.Ptr(strconv.Itoa(units))
	}
	if memory != nil {
		if mib, err = parseMemory(*memory); err != nil {
			return ecsapi.NewClientException("Invalid 'memory' setting for task: %v", err)
		}
		d.Memory = api.Ptr(strconv.Itoa(mib))
	}
	pair := fargatePair(units, mib)
	if fargate && !pair {
		return ecsapi.NewClientException("No Fargate configuration exists for given values: %d CPU, %d memory.", units, mib)
	}
	if pair && api.Val(d.NetworkMode) == ecsapi.NetworkModeAwsvpc {
		d.Compatibilities = append(d.Compatibilities, ecsapi.CompatibilityFargate)
	}
	return nil
}

var (
	cpuRule    = regexp.MustCompile(`(?i)^(\d*\.?\d+) ?vcpus?$`)
	memoryRule = regexp.MustCompile(`(?i)^(\d*\.?\d+) ?gb$`)
)

// parseCPU reads "512" or "0.5 vCPU" as units.
func parseCPU(text string) (int, error) { return parseAmount(text, cpuRule, 1024) }

// parseMemory reads "1024" or "1 GB" as MiB.
func parseMemory(text string) (int, error) { return parseAmount(text, memoryRule, 1024) }

func parseAmount(text string, named *regexp.Regexp, factor float64) (int, error) {
	text = strings.TrimSpace(text)
	if m := named.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil || n > 1024 {
			return 0, fmt.Errorf("%q is out of range", text)
		}
		return int(n * factor), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1<<20 {
		return 0, fmt.Errorf("%q is no number of units", text)
	}
	return n, nil
}

// fargatePair reports whether Fargate has tasks of so much CPU and memory: for
// each CPU size a range of memory in even steps, in MiB.
func fargatePair(cpu, memory int) bool {
	if cpu == 256 {
		return memory == 512 || memory == 1024 || memory == 2048
	}
	sizes := map[int]struct{ from, to, step int }{
		512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
		4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
	}
	s, known := sizes[cpu]
	return known && memory >= s.from && memory <= s.to && (memory-s.from)%s.step == 0
}

// checkTogether checks what no container can say alone.
func checkTogether(d *ecsapi.TaskDefinition) error {
	names := map[string]bool{}
	essential := false
	var cpu, memory int64
	for _, c := range d.ContainerDefinitions {
		if names[api.Val(c.Name)] {
			return ecsapi.NewClientException("Container name %s is used more than once.", api.Val(c.Name))
		}
		names[api.Val(c.Name)] = true
		essential = essential || api.Val(c.Essential)
		cpu += api.Val(c.Cpu)
		memory += max(api.Val(c.MemoryReservation), 0)
	}
	if !essential {
		return ecsapi.NewClientException("At least one container must be marked essential.")
	}
	if total, err := strconv.ParseInt(api.Val(d.Cpu), 10, 64); err == nil && cpu > total {
		return ecsapi.NewClientException("The sum of the containers' cpu (%d) is more than the task's (%d).", cpu, total)
	}
	if total, err := strconv.ParseInt(api.Val(d.Memory), 10, 64); err == nil && memory > total {
		return ecsapi.NewClientException("The sum of the containers' memoryReservation (%d) is more than the task's memory (%d).", memory, total)
	}
	return checkReferences(d, names)
}

func checkReferences(d *ecsapi.TaskDefinition, names map[string]bool) error {
	volumes := map[string]bool{}
	for _, v := range d.Volumes {
		volumes[api.Val(v.Name)] = true
	}
	for _, c := range d.ContainerDefinitions {
		for _, m := range c.MountPoints {
			if !volumes[api.Val(m.SourceVolume)] {
				return ecsapi.NewClientException("Unknown volume '%s'.", api.Val(m.SourceVolume))
			}
		}
		for _, on := range c.DependsOn {
			if !names[api.Val(on.ContainerName)] || api.Val(on.ContainerName) == api.Val(c.Name) {
				return ecsapi.NewClientException("Container %s depends on %s, which is not another container of the task.", api.Val(c.Name), api.Val(on.ContainerName))
			}
		}
	}
	return taskOrder(d)
}

// registered completes a definition that was accepted.
func registered(d ecsapi.TaskDefinition, arn string, revision int64, by string, at time.Time) ecsapi.TaskDefinition {
	d.TaskDefinitionArn, d.Revision = &arn, &revision
	d.RegisteredBy, d.RegisteredAt = &by, &at
	return d
}

// orEmpty gives back an empty list where AWS does.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
