// Package ecs is the Elastic Container Service: clusters, task definitions,
// services and tasks, run on this machine as Fargate runs them.
//
// # Who decides what
//
//	api_*.go                 write what is wanted: Spec
//	decide.go, shift.go      how a deployment goes on, and how traffic is split: pure
//	plan.go, rebalance.go    which tasks of a service start and stop: pure
//	controller_service.go    carries both out: records tasks, their stops, weights
//	controller_task.go       takes each task from its interface to its end
//	config.go                what package dataplane/task shall run: pure
//	metadata*.go             what tasks ask about themselves, and role credentials
//	session.go               programs that ExecuteCommand runs in containers
//	meter.go, figures.go     what tasks use, for CloudWatch: the figures are pure
//
// A task goes PROVISIONING (its network interface is made), PENDING (images,
// secrets), ACTIVATING (containers start, targets are registered), RUNNING,
// DEACTIVATING (targets drain), STOPPING (containers end), DEPROVISIONING,
// STOPPED. Each step is one reconciliation and is written down before the next,
// so that a region that died goes on from there; the containers run on
// meanwhile.
package ecs

import (
	"path/filepath"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/controller"
	"apex/internal/dataplane/registry"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves ECS in all scopes.
type Service struct {
	env    service.Env
	store  *store.Store
	blobs  *registry.Blobs
	roles  *roleSessions
	meters *meters
	// sessions are those that ExecuteCommand prepared.
	sessions *sessions
	profile  service.Profile
}

// New returns the service. Images come from blobs.
func New(env service.Env, blobs *registry.Blobs) *Service {
	return &Service{env: env, store: env.Store, blobs: blobs, roles: newRoleSessions(), meters: newMeters(), sessions: &sessions{all: map[string]preparedSession{}}, profile: env.Profile}
}

// now is the region's clock, as the store keeps times.
func (s *Service) now() time.Time { return s.env.Now().UTC().Truncate(time.Millisecond) }

// taskDir is where a task's supervisor keeps what it has.
func (s *Service) taskDir(id string) string { return filepath.Join(s.tasksDir(), id) }

func (s *Service) tasksDir() string { return filepath.Join(s.env.Home, "tasks") }

// Controllers returns what makes services and tasks true.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{s.serviceController(), s.taskController(), s.signalController(), s.meterController()}
}

// noTaskSets is said of the operations that only other controllers need.
const noTaskSets = "always refused: no EXTERNAL deployment controller"

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		ecsapi.CreateCluster.Handle(s.createCluster).Limited("configuration and Service Connect defaults are kept"),
		ecsapi.UpdateCluster.Handle(s.updateCluster),
		ecsapi.UpdateClusterSettings.Handle(s.updateClusterSettings),
		ecsapi.PutClusterCapacityProviders.Handle(s.putClusterCapacityProviders).Limited("FARGATE and FARGATE_SPOT; a Spot task is interrupted by a StopTask whose reason begins with apex:spot-interruption"),
		ecsapi.DescribeClusters.Handle(s.describeClusters),
		ecsapi.ListClusters.Handle(s.listClusters),
		ecsapi.DeleteCluster.Handle(s.deleteCluster),
		ecsapi.DescribeCapacityProviders.Handle(s.describeCapacityProviders),
		ecsapi.RegisterTaskDefinition.Handle(s.registerTaskDefinition).Limited("what tasks here cannot have is refused; EFS volumes are directories of the home; ephemeralStorage is kept"),
		ecsapi.DescribeTaskDefinition.Handle(s.describeTaskDefinition),
		ecsapi.DeregisterTaskDefinition.Handle(s.deregisterTaskDefinition),
		ecsapi.DeleteTaskDefinitions.Handle(s.deleteTaskDefinitions),
		ecsapi.ListTaskDefinitions.Handle(s.listTaskDefinitions),
		ecsapi.ListTaskDefinitionFamilies.Handle(s.listTaskDefinitionFamilies),
		ecsapi.CreateService.Handle(s.createService).Limited("REPLICA services on Fargate with the ECS controller; placement is kept; lifecycle hooks of type PAUSE, or tasks by the ARN of their definition; no earlySuccessCriteria"),
		ecsapi.UpdateService.Handle(s.updateService).Limited("as CreateService"),
		ecsapi.DeleteService.Handle(s.deleteService),
		ecsapi.DescribeServices.Handle(s.describeServices),
		ecsapi.ListServices.Handle(s.listServices),
		ecsapi.DescribeServiceDeployments.Handle(s.describeServiceDeployments).Limited("the last ten of a service"),
		ecsapi.ListServiceDeployments.Handle(s.listServiceDeployments).Limited("the last ten of a service"),
		ecsapi.DescribeServiceRevisions.Handle(s.describeServiceRevisions),
		ecsapi.StopServiceDeployment.Handle(s.stopServiceDeployment),
		ecsapi.ContinueServiceDeployment.Handle(s.continueServiceDeployment),
		ecsapi.UpdateTaskProtection.Handle(s.updateTaskProtection),
		ecsapi.GetTaskProtection.Handle(s.getTaskProtection),
		ecsapi.PutAccountSetting.Handle(s.putAccountSetting).Limited("containerInsights is followed, others are kept; ARNs are always long"),
		ecsapi.PutAccountSettingDefault.Handle(s.putAccountSettingDefault).Limited("as PutAccountSetting"),
		ecsapi.ListAccountSettings.Handle(s.listAccountSettings),
		ecsapi.DeleteAccountSetting.Handle(s.deleteAccountSetting),
		ecsapi.CreateTaskSet.Handle(taskSets[ecsapi.CreateTaskSetRequest, ecsapi.CreateTaskSetResponse]).Limited(noTaskSets),
		ecsapi.DescribeTaskSets.Handle(taskSets[ecsapi.DescribeTaskSetsRequest, ecsapi.DescribeTaskSetsResponse]).Limited(noTaskSets),
		ecsapi.UpdateTaskSet.Handle(taskSets[ecsapi.UpdateTaskSetRequest, ecsapi.UpdateTaskSetResponse]).Limited(noTaskSets),
		ecsapi.UpdateServicePrimaryTaskSet.Handle(taskSets[ecsapi.UpdateServicePrimaryTaskSetRequest, ecsapi.UpdateServicePrimaryTaskSetResponse]).Limited(noTaskSets),
		ecsapi.DeleteTaskSet.Handle(taskSets[ecsapi.DeleteTaskSetRequest, ecsapi.DeleteTaskSetResponse]).Limited(noTaskSets),
		ecsapi.RunTask.Handle(s.runTask),
		ecsapi.StopTask.Handle(s.stopTask),
		ecsapi.DescribeTasks.Handle(s.describeTasks),
		ecsapi.ListTasks.Handle(s.listTasks),
		ecsapi.ExecuteCommand.Handle(s.executeCommand).Limited("no logging or KMS encryption of sessions; commands run as root, as on AWS"),
		ecsapi.TagResource.Handle(s.tagResource),
		ecsapi.UntagResource.Handle(s.untagResource),
		ecsapi.ListTagsForResource.Handle(s.listTagsForResource),
	}
}
