package xray

import (
	"apex/internal/api"
	"apex/internal/api/xrayapi"
	"apex/internal/controller"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the traces of all scopes.
type Service struct{ store *store.Store }

// New returns the service.
func New(env service.Env) *Service { return &Service{store: env.Store} }

// Controllers returns none: all is done when a call is answered.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const filters = "filters: ok, error, fault, throttle, partial, responsetime, duration, http.status, http.url, http.method, user, annotations and service(name)"
	return []api.Route{
		xrayapi.BatchGetTraces.Handle(s.getTraces),
		xrayapi.CreateGroup.Handle(s.createGroup).Limited(filters + "; no insights"),
		xrayapi.CreateSamplingRule.Handle(s.createRule),
		xrayapi.DeleteGroup.Handle(s.deleteGroup),
		xrayapi.DeleteResourcePolicy.Handle(s.deletePolicy),
		xrayapi.DeleteSamplingRule.Handle(s.deleteRule),
		xrayapi.GetEncryptionConfig.Handle(s.getEncryption),
		xrayapi.GetGroup.Handle(s.getGroup),
		xrayapi.GetGroups.Handle(s.getGroups),
		xrayapi.GetSamplingRules.Handle(s.getRules),
		xrayapi.GetSamplingStatisticSummaries.Handle(s.getStatistics).Limited("what the last client told of each rule"),
		xrayapi.GetSamplingTargets.Handle(s.getTargets).Limited("each client gets the whole reservoir"),
		xrayapi.GetServiceGraph.Handle(s.getServiceGraph).Limited("services and calls with their counts; no histograms"),
		xrayapi.GetTraceGraph.Handle(s.getTraceGraph).Limited("no histograms"),
		xrayapi.GetTraceSummaries.Handle(s.getSummaries).Limited(filters),
		xrayapi.ListResourcePolicies.Handle(s.listPolicies),
		xrayapi.ListTagsForResource.Handle(s.listTags),
		xrayapi.PutEncryptionConfig.Handle(s.putEncryption).StoredOnly("traces lie in the region's store as they are"),
		xrayapi.PutResourcePolicy.Handle(s.putPolicy).StoredOnly("the policy is not asked"),
		xrayapi.PutTelemetryRecords.Handle(s.putTelemetry).Limited("taken and dropped, as nothing reads them"),
		xrayapi.PutTraceSegments.Handle(s.putSegments).Limited("the newest 20,000 segments are kept"),
		xrayapi.TagResource.Handle(s.tagResource),
		xrayapi.UntagResource.Handle(s.untagResource),
		xrayapi.UpdateGroup.Handle(s.updateGroup),
		xrayapi.UpdateSamplingRule.Handle(s.updateRule),
	}
}
