package graph

import "apex/internal/stack"

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
	Secrets                 map[string]SecretKey
	LogGroup                ID
	Region                  string
}

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
	After                   []ID // what must be there before tasks start
}

// A ScalableTarget lets a service's number of tasks change.
type ScalableTarget struct {
	Meta
	Service  ID
	Cluster  ID
	Min, Max int
}

// A ScalingPolicy aims at a CPU use.
type ScalingPolicy struct {
	Meta
	Target ID
	CPU    int // percent
}

const tasksService = "ecs-tasks.amazonaws.com"

// roles adds what starts tasks and what tasks run as.
func (b *builder) roles() {
	b.executionRole = b.add(Role{
		Meta: b.meta("Role", "execution"), Service: tasksService, Describe: "Starts tasks: pulls images, writes logs, reads secrets",
		Managed: []string{"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"},
		Allow: []Permission{{
			[]string{"secretsmanager:GetSecretValue"},
			[]string{"arn:aws:secretsmanager:" + b.stack.Region + ":*:secret:" + b.prefix + "/*"},
		}},
	})
	b.taskRole = b.add(Role{
		Meta: b.meta("Role", "task"), Service: tasksService, Describe: "What the application itself may do, and sessions into it",
		Allow: []Permission{{
			[]string{
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			},
			[]string{"*"},
		}},
	})
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
	if s.Build != "" {
		repository := b.add(Repository{b.path("Repository", name), b.stack.Registry.Keep, stack.Enabled(b.stack.Registry.Scan)})
		task.Image = b.add(Image{b.path("Image", name), repository, s.Build})
	}
	service := Service{
		Meta: b.meta("Service", name), Cluster: b.cluster, TaskDefinition: b.add(task),
		Count: s.Count.Min, Scales: s.Count.Scales(), Subnets: b.private, Groups: []ID{b.serviceGroup},
		Container: name, Port: s.Port, After: b.routes,
	}
	service.Name = name // names of services are unique in their cluster
	if s.HTTP != nil {
		service.TargetGroup = b.targets[name]
		service.After = append(service.After[:len(service.After):len(service.After)], b.rules[name]...)
	}
	b.scaling(name, b.add(service), s.Count)
}

func (b *builder) scaling(name string, service ID, c stack.Count) {
	if !c.Scales() {
		return
	}
	target := b.add(ScalableTarget{b.meta("ScalableTarget", name), service, b.cluster, c.Min, c.Max})
	b.add(ScalingPolicy{b.meta("ScalingPolicy", name+"-cpu"), target, int(c.CPU)})
}
