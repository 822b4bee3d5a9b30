package stack

// A Stack is one environment of a stack file with its defaults filled in.
type Stack struct {
	Name        string             `yaml:"name" doc:"The stack's name: it begins the name of everything that the stack makes."`
	Environment string             `yaml:"-"`
	Region      string             `yaml:"region" doc:"The AWS region. Default us-east-1."`
	Network     Network            `yaml:"network" doc:"The VPC: its addresses, its subnets and its way out."`
	Balancer    Balancer           `yaml:"balancer" doc:"The load balancer in front of every service that has http."`
	HTTPS       *HTTPS             `yaml:"https" doc:"Serve HTTPS on port 443 as well, with a certificate of ACM. Without it there is HTTP only."`
	Services    map[string]Service `yaml:"services" doc:"What runs, by name: each is one ECS service on Fargate."`
	Database    *Database          `yaml:"database" doc:"A managed relational database in the private subnets."`
	Cache       *Cache             `yaml:"cache" doc:"A managed cache in the private subnets."`
	Secrets     map[string]Secret  `yaml:"secrets" doc:"Secrets that come from outside, by name. database.url and cache.url exist by themselves."`
	Logs        Logs               `yaml:"logs" doc:"What happens to the services' output."`
	Registry    Registry           `yaml:"registry" doc:"The image repositories, one for each service that is built."`
	Insights    *bool              `yaml:"insights" doc:"Container Insights on the cluster. Default true."`
}

// A Network is a VPC with one public and one private subnet in each zone.
type Network struct {
	CIDR    Prefix   `yaml:"cidr" doc:"The VPC's addresses: /16 to /28. Default 10.0.0.0/16."`
	Zones   int      `yaml:"zones" doc:"How many availability zones, 2 or 3. Default: as many as public subnets are given, else 2."`
	Public  []Prefix `yaml:"public" doc:"Public subnets, one for each zone: balancer and NAT gateways live here."`
	Private []Prefix `yaml:"private" doc:"Private subnets, one for each zone: services, database and cache live here."`
	NAT     NAT      `yaml:"nat" doc:"The private subnets' way out: none, single (one gateway) or per-zone. Default single."`
}

// A Balancer is the stack's application load balancer.
type Balancer struct {
	From        []Prefix    `yaml:"from" doc:"Who may reach ports 80 and 443. Default [0.0.0.0/0], everybody."`
	Compression Compression `yaml:"compression" doc:"gzip: responses of text are compressed for clients that take it. An ALB of AWS has no such thing and goes without. Default none."`
}

// An HTTPS is how the load balancer speaks TLS.
type HTTPS struct {
	Domain   string   `yaml:"domain" doc:"The name that the certificate is for. Default: the stack's name below localhost, as apexai.localhost."`
	Also     []string `yaml:"also" doc:"Further names that the certificate is for; *.example.com is every name right below it."`
	Redirect bool     `yaml:"redirect" doc:"Send plain HTTP to HTTPS instead of serving it. Default false."`
}

// A Service is one kind of task, how many of them, and how they are reached.
type Service struct {
	Build       string            `yaml:"build" doc:"A Go main package to build an image of, as a path from this file. Give build or image."`
	Image       string            `yaml:"image" doc:"An image that exists already. Give build or image."`
	Command     []string          `yaml:"command" doc:"Arguments for the image's entry point."`
	Port        int               `yaml:"port" doc:"The port that the service listens on. Default 3000."`
	CPU         int               `yaml:"cpu" doc:"CPU units of a task; 1024 are one vCPU. Default 256."`
	Memory      int               `yaml:"memory" doc:"Memory of a task in MiB; Fargate allows certain pairs with cpu. Default: the least for its cpu."`
	Count       Count             `yaml:"count" doc:"How many tasks: a number, or bounds and the CPU use to aim at. Default 2."`
	HTTP        *HTTP             `yaml:"http" doc:"Paths that the load balancer sends to this service."`
	Deploy      Deploy            `yaml:"deploy" doc:"How a new version takes the place of the old one."`
	Environment map[string]string `yaml:"environment" doc:"Environment variables of the task. ${balancer.url} in a value is the load balancer's address, http:// and its DNS name; ${database.secret} is the ARN of the database's credentials, which the task may then read."`
	Secrets     map[string]string `yaml:"secrets" doc:"Environment variables whose value is a secret: one under secrets, database.url, cache.url, …"`
}

// An HTTP says which requests of the load balancer a service answers.
type HTTP struct {
	Paths  []string `yaml:"paths" doc:"Path patterns as an ALB matches them: * is any run of characters, ? is one. The most specific pattern of the stack wins."`
	Health string   `yaml:"health" doc:"The path that answers 200 when a task can serve. Default /."`
	Drain  Seconds  `yaml:"drain" doc:"How long a leaving task may finish its requests. Default 30s."`
}

// A Database is a managed relational database.
type Database struct {
	Engine      Engine    `yaml:"engine" doc:"The engine and its version: mysql 8.0 or mariadb 10.11. Default mysql 8.0."`
	Class       string    `yaml:"class" doc:"The instance class. Default db.t3.micro."`
	Storage     Storage   `yaml:"storage" doc:"Storage in GiB, and the bound to which it may grow. Default 20-40 GiB."`
	Backups     Days      `yaml:"backups" doc:"How long daily backups are kept, 0 to 35 days. Default 7 days."`
	Maintenance Window    `yaml:"maintenance" doc:"The weekly window for maintenance, UTC. Default Mon 04:00-05:00."`
	Backup      DayWindow `yaml:"backup-window" doc:"The daily window for backups, UTC. Default 02:00-03:00."`
	MultiAZ     bool      `yaml:"multi-az" doc:"Keep a standby in another zone. Default false."`
	Encrypted   *bool     `yaml:"encrypted" doc:"Encryption at rest. Default true."`
	Name        string    `yaml:"name" doc:"The database made in it. Default: the stack's name."`
	Protected   bool      `yaml:"protected" doc:"Refuse to delete it. Default false."`
}

// A Cache is a managed Redis.
type Cache struct {
	Engine      Engine `yaml:"engine" doc:"The engine and its version. Default redis 7.0."`
	Node        string `yaml:"node" doc:"The node type. Default cache.t3.micro."`
	Eviction    string `yaml:"eviction" doc:"What goes when memory is full: Redis's maxmemory-policy. Default volatile-lru."`
	Maintenance Window `yaml:"maintenance" doc:"The weekly window for maintenance, UTC, an hour at least. Default Mon 05:00-07:00."`
}

// A Secret is a value that somebody else gives, such as an API key.
type Secret struct {
	Description string `yaml:"description" doc:"What it is, for whoever finds it in Secrets Manager."`
	Env         string `yaml:"env" doc:"The environment variable that apex up takes the value from, if it is set."`
	Required    bool   `yaml:"required" doc:"Refuse to go on without a value; otherwise a placeholder stands in. Default false."`
}

// Logs says what happens to the output of services.
type Logs struct {
	Retention Days `yaml:"retention" doc:"How long log events are kept; CloudWatch takes certain numbers of days. Default 7 days."`
}

// A Registry says how image repositories are kept.
type Registry struct {
	Keep int   `yaml:"keep" doc:"How many images of a service are kept. Default 10."`
	Scan *bool `yaml:"scan" doc:"Scan images when they are pushed. Default true."`
}

// Enabled reports whether a switch is on; one that is not set is.
func Enabled(switched *bool) bool { return switched == nil || *switched }
