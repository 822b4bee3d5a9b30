package servicediscovery

import (
	"time"

	"apex/internal/api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the namespaces of all scopes.
type Service struct {
	store *store.Store
	now   func() time.Time
}

// New returns the service.
func New(env service.Env) *Service { return &Service{store: env.Store, now: env.Now} }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const unprobed = "health checks of Route 53 are kept and not made: instances count as healthy until their custom status says otherwise"
	const prefixed = "clients put data- before the endpoint's host, unless they are told not to"
	return []api.Route{
		sd.CreatePrivateDnsNamespace.Handle(s.createPrivate),
		sd.CreatePublicDnsNamespace.Handle(s.createPublic).Limited("its names are answered in the account's VPCs"),
		sd.CreateHttpNamespace.Handle(s.createHTTP),
		sd.GetNamespace.Handle(s.getNamespace),
		sd.ListNamespaces.Handle(s.listNamespaces),
		sd.UpdatePrivateDnsNamespace.Handle(s.updatePrivate),
		sd.UpdatePublicDnsNamespace.Handle(s.updatePublic),
		sd.UpdateHttpNamespace.Handle(s.updateHTTP),
		sd.DeleteNamespace.Handle(s.deleteNamespace),
		sd.GetOperation.Handle(s.getOperation),
		sd.ListOperations.Handle(s.listOperations),

		sd.CreateService.Handle(s.createService).Limited(unprobed),
		sd.GetService.Handle(s.getService),
		sd.ListServices.Handle(s.listServices),
		sd.UpdateService.Handle(s.updateService),
		sd.DeleteService.Handle(s.deleteService),

		sd.RegisterInstance.Handle(s.registerInstance),
		sd.DeregisterInstance.Handle(s.deregisterInstance),
		sd.GetInstance.Handle(s.getInstance),
		sd.ListInstances.Handle(s.listInstances),
		sd.GetInstancesHealthStatus.Handle(s.getHealth).Limited(unprobed),
		sd.UpdateInstanceCustomHealthStatus.Handle(s.updateHealth),
		sd.DiscoverInstances.Handle(s.discover).Limited(prefixed),
		sd.DiscoverInstancesRevision.Handle(s.discoverRevision).Limited(prefixed),

		sd.TagResource.Handle(s.tagResource),
		sd.UntagResource.Handle(s.untagResource),
		sd.ListTagsForResource.Handle(s.listTags),
	}
}
