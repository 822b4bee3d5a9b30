package endpoint

import (
	"slices"
	"sync/atomic"

	"apex/internal/api"
	"apex/internal/awswire"
)

// A table finds services and their routes. It does not change once built.
type table struct {
	services []*service
	rest     map[string]*awswire.Router // of the services of the REST protocols, by scope
}

type service struct {
	info    *api.Service
	entries map[string]*entry
}

// An entry is a route with its counts.
type entry struct {
	route                          api.Route
	anonymous                      bool // may be called without a signature
	calls, errors, faults, unknown atomic.Int64
}

func newTable(routes []api.Route) *table {
	t := &table{}
	byInfo := map[*api.Service]*service{}
	for _, route := range routes {
		s := byInfo[route.Info.Service]
		if s == nil {
			s = &service{info: route.Info.Service, entries: map[string]*entry{}}
			byInfo[route.Info.Service] = s
			t.services = append(t.services, s)
		}
		if s.entries[route.Info.Name] != nil {
			panic("endpoint: " + s.info.Name + "." + route.Info.Name + " has two routes")
		}
		s.entries[route.Info.Name] = &entry{route: route, anonymous: isAnonymous(route.Info)}
	}
	t.rest = routers(routes)
	return t
}

// routers returns what finds the operations that a method and a URI name.
func routers(routes []api.Route) map[string]*awswire.Router {
	operations := map[string][]*api.OperationInfo{}
	for i := range routes {
		info := &routes[i].Info
		if p := info.Service.Protocol; p == api.RestJSON || p == api.RestXML {
			operations[info.Service.SigningName] = append(operations[info.Service.SigningName], info)
		}
	}
	found := map[string]*awswire.Router{}
	for scope, list := range operations {
		found[scope] = awswire.NewRouter(list)
	}
	return found
}

// isAnonymous tells the calls that bring another proof than a signature.
func isAnonymous(op api.OperationInfo) bool {
	if op.Service.SigningName == "sns" { // people follow links to them; a token is the proof
		return op.Name == "ConfirmSubscription" || op.Name == "Unsubscribe"
	}
	return op.Service.SigningName == "sts" &&
		(op.Name == "AssumeRoleWithWebIdentity" || op.Name == "AssumeRoleWithSAML")
}

// find returns the service that a request is for, or nil. Services may share a
// scope: rds is also how Neptune and DocumentDB sign.
func (t *table) find(scope string, target awswire.Target) *api.Service {
	for _, s := range t.services {
		if scope != "" && s.info.SigningName != scope {
			continue
		}
		if speaks(s.info, target) {
			return s.info
		}
	}
	return nil
}

// route returns what a request of the REST protocols asks for, whose scope alone
// says that it is one.
func (t *table) route(scope string, request *awswire.Request) (awswire.Target, bool) {
	router := t.rest[scope]
	if router == nil {
		return awswire.Target{}, false
	}
	target := awswire.Target{Protocol: t.protocolOfScope(scope)}
	if op := router.Find(request); op != nil {
		target.Operation = op.Name
	}
	return target, true
}

func (t *table) protocolOfScope(scope string) api.Protocol {
	for _, s := range t.services {
		if s.info.SigningName == scope {
			return s.info.Protocol
		}
	}
	return ""
}

// speaks tells whether a target is of the service.
func speaks(s *api.Service, target awswire.Target) bool {
	switch target.Protocol {
	case api.JSON, api.RPCv2CBOR:
		own := s.Protocol == target.Protocol || slices.Contains(s.Also, target.Protocol)
		return own && s.TargetPrefix == target.Prefix
	case api.Query:
		isQuery := s.Protocol == api.Query || s.Protocol == api.EC2Query || slices.Contains(s.Also, api.Query)
		return isQuery && (s.Version == target.Version || target.Version == "")
	case api.RestJSON, api.RestXML:
		return s.Protocol == target.Protocol // the scope said which service
	}
	return false
}

// entry returns the route of an operation, or nil.
func (t *table) entry(info *api.Service, operation string) *entry {
	for _, s := range t.services {
		if s.info == info {
			return s.entries[operation]
		}
	}
	return nil
}

// protocolOf returns the protocol to answer a service's request in.
func protocolOf(s *api.Service, target awswire.Target) awswire.Protocol {
	if target.Protocol == api.Query && s.Protocol == api.EC2Query {
		return awswire.Of(s.Protocol)
	}
	return awswire.Of(target.Protocol)
}
