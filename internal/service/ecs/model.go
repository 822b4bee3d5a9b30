package ecs

import (
	"fmt"
	"time"

	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables. Keys begin with the scope; services and tasks follow with their
// cluster, definitions with their family.
var (
	Clusters    = store.NewTable("ecs.clusters", func(c *Cluster) string { return c.Key })
	Families    = store.NewTable("ecs.families", func(f *Family) string { return f.Key })
	Definitions = store.NewTable("ecs.definitions", func(d *Definition) string { return d.Key })
	Services    = store.NewTable("ecs.services", func(s *ServiceRow) string { return s.Key })
	// Revisions are what the tasks of services are, or were, made from.
	Revisions = store.NewTable("ecs.revisions", func(r *Revision) string { return r.Key })
	Tasks     = store.NewTable("ecs.tasks", func(t *Task) string { return t.Key })
	// Signals change when a task's supervisor has news. They hold nothing: they
	// only make the controller look.
	Signals = store.NewTable("ecs.signals", func(s *Signal) string { return s.Key })
)

// Tables returns the tables of the service.
func Tables() []store.AnyTable {
	return []store.AnyTable{Clusters, Families, Definitions, Services, Revisions, Tasks, Signals, Settings}
}

// A Cluster groups services and tasks.
type Cluster struct {
	Key  string
	Spec ClusterSpec
}

// A ClusterSpec is what the caller asked for.
type ClusterSpec struct {
	Name, ARN       string
	Settings        []ecsapi.ClusterSetting
	Configuration   *ecsapi.ClusterConfiguration
	ServiceConnect  *ecsapi.ClusterServiceConnectDefaultsRequest
	Providers       []string
	DefaultStrategy []ecsapi.CapacityProviderStrategyItem
	Tags            tag.Tags
	Inactive        bool // deleted; AWS still describes it for a while
}

// A Family counts the revisions of task definitions of one name. It stays when
// they are deleted: a revision's number is never given out twice.
type Family struct {
	Key  string
	Last int64
}

// A Definition is one revision of a task definition. It never changes but for
// its status.
type Definition struct {
	Key        string
	Definition ecsapi.TaskDefinition
	Tags       tag.Tags
}

// A ServiceRow is one ECS service: it keeps tasks running.
type ServiceRow struct {
	Key    string
	Spec   ServiceSpec
	Status ServiceStatus
}

// A ServiceSpec is what the caller asked for.
type ServiceSpec struct {
	Name, Cluster, ARN, CreatedBy string
	Desired                       int64
	// Deployments are the newest first.
	Deployments       []Deployment
	Rollout           ecsapi.DeploymentConfiguration
	Grace             *int64 // seconds in which failed target checks do not count
	Tags              tag.Tags
	ManagedTags       bool
	PropagateTags     string
	ExecuteCommand    bool
	Platform          string // as asked for; empty: LATEST
	Rebalancing       string
	Role              string
	Scheduling        string
	Controller        string
	PlacementRules    []ecsapi.PlacementConstraint
	PlacementStrategy []ecsapi.PlacementStrategy
	CreatedAt         time.Time
	Deleted           bool // all tasks shall end, and then the row goes
}

// A RevisionSpec is what the tasks of a service are made from. It never changes.
type RevisionSpec struct {
	ID              string // "ecs-svc/" and 19 digits
	TaskDefinition  string // ARN
	LaunchType      string
	Strategy        []ecsapi.CapacityProviderStrategyItem
	PlatformVersion string
	Network         *ecsapi.NetworkConfiguration
	LoadBalancers   []ecsapi.LoadBalancer
	Registries      []ecsapi.ServiceRegistry
	// Alternate says that its tasks are in the alternate target groups of the
	// load balancers and not in the first.
	Alternate bool
	CreatedAt time.Time
}

// A Revision is a stored revision of a service. It stays as long as the service.
type Revision struct {
	Key  string // the service's + "/" + the digits of its id
	Spec RevisionSpec
}

// A Deployment brings a service to a revision.
type Deployment struct {
	RevisionSpec
	Name    string // of the service deployment, the end of its ARN
	Rollout ecsapi.DeploymentConfiguration
	// Source is the revision that tasks were of before, to which the deployment
	// goes back when it fails; empty if none was ever complete.
	Source string
	// Stop is how the owner wants it to stop: ROLLBACK, ABORT or not.
	Stop    string
	Answers []HookAnswer
}

// A HookAnswer is what the owner says to a deployment that pauses.
type HookAnswer struct {
	Hook, Action string
}

// A ServiceStatus is what is true of a service.
type ServiceStatus struct {
	Deployments []DeploymentStatus // of the newest
	Events      []Event            // the newest first
	Registered  []string           // the tasks of which it was told that their targets are registered
	Gone        time.Time          // when the last task of a deleted service ended
}

// A DeploymentStatus is what is true of one deployment.
type DeploymentStatus struct {
	ID     string // of its revision
	Failed int64  // tasks that count against it
	// Rollout and Reason are the rolloutState of its revision.
	Rollout, Reason string
	// State and StateReason are the status of the service deployment.
	State, StateReason string
	Stage              string    // of its life cycle
	StageAt            time.Time // when the stage began
	Step               int       // of the traffic shift, from 1
	Quiet              bool      // an alarm was in ALARM from the start: alarms do not count
	// Percent of production traffic goes to the revision, since ShiftedAt.
	Percent   float64
	ShiftedAt time.Time
	Test      bool     // test traffic goes to the revision
	Alarms    []string // that were in ALARM
	// Back is the revision that the service goes back to; empty unless it does.
	Back, BackReason                                    string
	BackAt, StartedAt, FinishedAt, StoppedAt, UpdatedAt time.Time
}

// An Event is something a service tells its owner.
type Event struct {
	ID      string
	At      time.Time
	Message string
}

// A Task is a group of containers that run together.
type Task struct {
	Key    string
	Spec   TaskSpec
	Status TaskStatus
}

// A TaskSpec is what was asked for.
type TaskSpec struct {
	ID, ARN, Cluster    string
	Service, Deployment string // empty of a task run by hand
	Hook, HookOf        string // of a task that is a lifecycle hook: the hook's id and the service
	Definition          string // ARN
	Group, StartedBy    string
	ClientToken         string // of the RunTask that made it
	LaunchType          string
	Provider            string
	PlatformVersion     string
	CPU, Memory         string
	Overrides           *ecsapi.TaskOverride
	LoadBalancers       []ecsapi.LoadBalancer
	Registries          []ecsapi.ServiceRegistry
	Grace               time.Duration
	ExecuteCommand      bool
	Zone, Subnet        string
	Interface           string // the ENI's id
	Attachment          string
	Credentials         string // the id under which its role's credentials are served
	Tags                tag.Tags
	CreatedAt           time.Time
	// ProtectedUntil is until when scale-in and deployments spare the task.
	ProtectedUntil time.Time
	Stop           *Stop
}

// A Stop is the wish that a task ends.
type Stop struct {
	Code, Reason string
	At           time.Time
	Fault        bool // the task failed: it counts against its deployment
	// Deadline is when its containers get their stop signal though requests are
	// still in flight; zero for when they have ended.
	Deadline time.Time
}

// A TaskStatus is what is true of a task.
type TaskStatus struct {
	Last                              string // AWS's lastStatus; empty is PROVISIONING
	Connected, PullStarted, PullEnded time.Time
	Started, Stopping, Ended, Stopped time.Time
	Code, Reason                      string // why it stopped
	Address                           string
	Containers                        []ContainerStatus
	Version                           int64
	Registered                        bool // with its target groups
	Verdict                           verdict
	VerdictReason                     string
	Healthy                           time.Time // when the verdict first was healthy
	Failed                            bool      // it ended without having lasted
}

// A ContainerStatus is what is true of one container.
type ContainerStatus struct {
	Name, ARN, RuntimeID, Digest string
	Last                         string
	Exit                         *int64
	Reason, Health               string
	Restarts                     int64 // by its restart policy
}

// A Signal says that a task's supervisor has news.
type Signal struct {
	Key   string // the task's
	Count int64
}

func clusterKey(scope arn.Scope, name string) string { return scope.Key(name) }

func serviceKey(scope arn.Scope, cluster, name string) string { return scope.Key(cluster + "/" + name) }

func taskKey(scope arn.Scope, cluster, id string) string { return scope.Key(cluster + "/" + id) }

// definitionKey orders the revisions of a family as numbers.
func definitionKey(scope arn.Scope, family string, revision int64) string {
	return scope.Key(fmt.Sprintf("%s:%09d", family, revision))
}
