package servicediscovery

import (
	"time"

	"apex/internal/api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are scope.Key(id).
var (
	Namespaces = store.NewTable("servicediscovery.namespaces", func(n *Namespace) string { return n.Key })
	Services   = store.NewTable("servicediscovery.services", func(s *Entry) string { return s.Key })
	Instances  = store.NewTable("servicediscovery.instances", func(i *Instance) string { return i.Key })
	Operations = store.NewTable("servicediscovery.operations", func(o *Operation) string { return o.Key })
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Namespaces, Services, Instances, Operations}
}

const signingName = "servicediscovery"

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

func idOf(key string) string {
	_, id := arn.SplitKey(key)
	return id
}

func arnOf(key, kind string) string {
	scope, id := arn.SplitKey(key)
	return scope.ARN(signingName, kind+"/"+id)
}

// A Namespace holds services.
type Namespace struct {
	Key  string // "…/ns-0123456789abcdef"
	Spec NamespaceSpec
}

// NamespaceSpec is what the caller asked for.
type NamespaceSpec struct {
	Name        string
	Type        string // DNS_PRIVATE, DNS_PUBLIC or HTTP
	Description *string
	Request     string // the CreatorRequestId
	Zone        string // the id of its hosted zone
	SOATTL      int64
	Tags        tag.Tags
	CreatedAt   time.Time
}

// An Entry is a service: a name below its namespace's, and what instances are
// found by. Its key is "…/srv-0123456789abcdef".
type Entry struct {
	Key  string
	Spec EntrySpec
}

// EntrySpec is what the caller asked for.
type EntrySpec struct {
	Name         string
	Namespace    string // its id
	Description  *string
	Request      string
	DNS          *sd.DnsConfig
	HealthCheck  *sd.HealthCheckConfig
	CustomHealth *sd.HealthCheckCustomConfig
	HTTP         bool // of a DNS namespace: found by asking alone
	Tags         tag.Tags
	CreatedAt    time.Time
	Revision     int64 // counts the changes of its instances
}

// An Instance is where a service is to be had.
type Instance struct {
	Key  string // "…/srv-0123456789abcdef/<instance>"
	Spec InstanceSpec
}

// InstanceSpec is what the caller asked for.
type InstanceSpec struct {
	Attributes map[string]string
	Request    string
	Unhealthy  bool // by UpdateInstanceCustomHealthStatus
}

// An Operation is a change that was made.
type Operation struct {
	Key    string
	Spec   OperationSpec
	Status struct{}
}

// OperationSpec says what was changed when.
type OperationSpec struct {
	Type      string
	Targets   map[string]string
	Request   string
	CreatedAt time.Time
}
