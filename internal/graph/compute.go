package graph

import (
	"strings"

	"apex/internal/stack"
)

// A Role is what a task may do.
type Role struct {
	Meta
	Service  string   // who may take it: "ecs-tasks.amazonaws.com"
	Managed  []string // ARNs of AWS's policies
	Allow    []Permission
	Describe string
}

// A Permission allows actions on resources.
type Permission struct{ Actions, Resources []string }

// A LogGroup holds the output of one service.
type LogGroup struct {
	Meta
	Days int
}

// A Repository holds the images of one service.
type Repository struct {
	Meta
	Keep int
	Scan bool
}

// An Image is built from a Go package and pushed to a repository.
type Image struct {
	Meta
	Repository ID
	Build      string // the package's folder, from the stack file's
}

// A Cluster is where services run.
type Cluster struct {
	Meta
	Insights bool
}

// A TaskDefinition is how one container of a service runs.
type TaskDefinition struct {
	Meta
	CPU, Memory             int
	ExecutionRole, TaskRole ID
	Container               string
	Image                   ID     // an Image that is built, or …
	ImageName               string // … one that exists
	Command                 []string
	Port                    int
	Environment             map[string]string
	References              map[string]ID // what ${…} in the values of Environment stands for
	Secrets                 map[string]SecretKey
	LogGroup                ID
	Region                  string
}

// What the value of an environment variable may hold.
const (
	BalancerURL    = "${balancer.url}"    // the load balancer's address, http:// and its DNS name
	DatabaseSecret = "${database.secret}" // the ARN of the database's credentials
)

// A SecretKey is a secret, or one field of it.
type SecretKey struct {
	Secret ID // a Secret or an Attachment
	Key    string
}

// A Service keeps tasks running.
type Service struct {
	Meta
	Cluster, TaskDefinition ID
	Count                   int
	Scales                  bool // Count is then where it starts
	Subnets, Groups         []ID
	TargetGroup             ID // empty: nobody reaches it by the balancer
	Container               string
	Port                    int
	Deploy                  Deploy
	Alternate               ID   // the second target group, of a service whose traffic shifts,
	ShiftRole               ID   // and as whom ECS shifts it
	After                   []ID // what must be there before tasks start
}

// A Deploy is how a new version takes the place of the old one. Strategy is ECS's
// word for it; times are minutes.
type Deploy struct {
	Strategy         string
	Minimum, Maximum int // percent of the count
	Step             int // percent of the traffic
	Pause, Bake      int
	Rollback         bool
	Alarms           []string
}

func deployOf(d stack.Deploy) Deploy {
	return Deploy{
		Strategy: strings.ToUpper(strings.ReplaceAll(string(d.Strategy), "-", "_")), Minimum: number(d.Minimum), Maximum: int(d.Maximum),
		Step: int(d.Step), Pause: int(d.Pause), Bake: number(d.Bake), Rollback: stack.Enabled(d.Rollback), Alarms: d.Alarms,
	}
}

// number is what a setting says; a stack without defaults says nothing.
func number[T ~int](n *T) int {
	if n == nil {
		return 0
	}
	return int(*n)
}

// shifts returns the role as which ECS shifts traffic, made once.
func (b *builder) shifts() ID {
	if b.shiftRole == "" {
		b.shiftRole = b.add(Role{
			Meta: b.meta("Role", "deploy"), Service: "ecs.amazonaws.com", Describe: "Shifts traffic between the target groups of a service",
			Allow: []Permission{{
				[]string{
					"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetGroups",
					"elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule",
					"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets",
				},
				[]string{"*"},
			}},
		})
	}
	return b.shiftRole
}

// A ScalableTarget lets a service's number of tasks change.
type ScalableTarget struct {
	Meta
	Service  ID
	Cluster  ID
	Min, Max int
}

// A ScalingPolicy aims at a use of CPU or memory, or at requests.
type ScalingPolicy struct {
	Meta
	Target          ID
	Metric          string // "cpu", "memory" or "requests"
	Aim             int    // percent, or requests of a task in a minute
	Balancer, Group ID     // that count the requests
}

const tasksService = "ecs-tasks.amazonaws.com"

// roles adds what starts tasks and what tasks run as.
func (b *builder) roles() {
	b.executionRole = b.add(Role{
		Meta: b.meta("Role", "execution"), Service: tasksService, Describe: "Starts tasks: pulls images, writes logs, reads secrets",
		Allow: []Permission{
			{[]string{"ecr:GetAuthorizationToken"}, []string{"*"}},
			{[]string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, b.repositories()},
			{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{b.arn("logs", "log-group:/"+b.prefix+"/*")}},
			{[]string{"secretsmanager:GetSecretValue"}, []string{b.arn("secretsmanager", "secret:"+b.prefix+"/*")}},
		},
	})
	allow := []Permission{{
		[]string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		},
		[]string{"*"},
	}}
	for _, s := range sorted(b.stack.Services) {
		if s.Mentions(DatabaseSecret) { // it means to read it again when the password was changed
			const suffix = "-??????" // AWS ends the ARN of a secret with six characters of its own
			allow = append(allow, Permission{[]string{"secretsmanager:GetSecretValue"}, []string{b.arn("secretsmanager", "secret:"+b.prefix+"/database"+suffix)}})
			break
		}
	}
	b.taskRole = b.add(Role{
		Meta: b.meta("Role", "task"), Service: tasksService, Describe: "What the application itself may do, and sessions into it", Allow: allow,
	})
}

// arn names resources of the stack's region, of whatever account.
func (b *builder) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + b.stack.Region + ":*:" + resource
}

// repositories are those that the stack's images lie in: its own, and those of
// images that it does not build.
func (b *builder) repositories() []string {
	list := []string{b.arn("ecr", "repository/"+b.prefix+"/*")}
	for _, s := range sorted(b.stack.Services) {
		image, _, _ := strings.Cut(s.Image, "@")
		if _, path, ok := strings.Cut(image, "/"); ok {
			repository, _, _ := strings.Cut(path, ":")
			list = append(list, b.arn("ecr", "repository/"+repository))
		}
	}
	return list
}

// service adds one service with all that belongs to it.
func (b *builder) service(name string, s stack.Service) {
	task := TaskDefinition{
		Meta: b.meta("TaskDefinition", name), CPU: s.CPU, Memory: s.Memory,
		ExecutionRole: b.executionRole, TaskRole: b.taskRole,
		Container: name, ImageName: s.Image, Command: s.Command, Port: s.Port, Environment: s.Environment,
		Secrets: b.secretKeys(s.Secrets), Region: b.stack.Region,
		LogGroup: b.add(LogGroup{b.path("LogGroup", name), int(b.stack.Logs.Retention)}),
	}
	task.References = b.references(s)
	if s.Build != "" {
		repository := b.add(Repository{b.path("Repository", name), b.stack.Registry.Keep, stack.Enabled(b.stack.Registry.Scan)})
		task.Image = b.add(Image{b.path("Image", name), repository, s.Build})
	}
	service := Service{
		Meta: b.meta("Service", name), Cluster: b.cluster, TaskDefinition: b.add(task),
		Count: s.Count.Min, Scales: s.Count.Scales(), Subnets: b.private, Groups: []ID{b.serviceGroup},
		Container: name, Port: s.Port, Deploy: deployOf(s.Deploy), After: b.routes,
	}
	service.Name = name // names of services are unique in their cluster
	if s.HTTP != nil {
		service.TargetGroup = b.targets[name]
		if service.Alternate = b.alternates[name]; service.Alternate != "" {
			service.ShiftRole = b.shifts()
		}
		service.After = append(service.After[:len(service.After):len(service.After)], b.rules[name]...)
	}
	b.scaling(name, b.add(service), s.Count)
}

// references are what a service's environment wants filled in.
func (b *builder) references(s stack.Service) map[string]ID {
	var refs map[string]ID
	for text, id := range map[string]ID{BalancerURL: b.loadBalancer, DatabaseSecret: b.secret["database"]} {
		if s.Mentions(text) {
			if refs == nil {
				refs = map[string]ID{}
			}
			refs[text] = id
		}
	}
	return refs
}

func (b *builder) scaling(name string, service ID, c stack.Count) {
	if !c.Scales() {
		return
	}
	target := b.add(ScalableTarget{b.meta("ScalableTarget", name), service, b.cluster, c.Min, c.Max})
	for _, aim := range []struct {
		metric string
		value  int
	}{{"cpu", int(c.CPU)}, {"memory", int(c.Memory)}, {"requests", c.Requests}} {
		if aim.value == 0 {
			continue
		}
		p := ScalingPolicy{Meta: b.meta("ScalingPolicy", name+"-"+aim.metric), Target: target, Metric: aim.metric, Aim: aim.value}
		if aim.metric == "requests" {
			p.Balancer, p.Group = b.loadBalancer, b.targets[name]
		}
		b.add(p)
	}
}
