package route53

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are of the account's global scope.
var (
	HostedZones    = store.NewTable("route53.zones", func(z *HostedZone) string { return z.Key })
	Records        = store.NewTable("route53.records", func(r *Record) string { return r.Key })
	Changes        = store.NewTable("route53.changes", func(c *Change) string { return c.Key })
	HealthChecks   = store.NewTable("route53.health-checks", func(h *HealthCheck) string { return h.Key })
	DelegationSets = store.NewTable("route53.delegation-sets", func(d *DelegationSet) string { return d.Key })
	QueryLogs      = store.NewTable("route53.query-logs", func(q *QueryLog) string { return q.Key })
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{HostedZones, Records, Changes, HealthChecks, DelegationSets, QueryLogs}
}

func scopeOf(call *api.Call) arn.Scope { return global(call.Account) }

func global(account string) arn.Scope { return arn.Scope{Account: account} }

func idOf(key string) string {
	_, id := arn.SplitKey(key)
	return id
}

// A HostedZone is a domain and all names below it.
type HostedZone struct {
	Key    string // "…/Z0123456789ABCDEFGHIJ"
	Spec   ZoneSpec
	Status ZoneStatus
}

// ID returns "Z…".
func (z *HostedZone) ID() string { return idOf(z.Key) }

// ZoneSpec is what the caller asked for.
type ZoneSpec struct {
	Name            string // "example.com."
	CallerReference string
	Comment         *string
	Private         bool
	VPCs            []VPC // of a private zone: those that see it
	Authorized      []VPC // those of other accounts that may be associated
	NameServers     []string
	DelegationSet   string // the id of a reusable set, or empty
	Tags            tag.Tags
	Serial          int64 // counts the changes
	Owner           *Owner
}

// A VPC is a network that sees a private zone.
type VPC struct {
	Account string // empty while it is only authorised
	Region  string
	ID      string
}

// ZoneStatus is what the controller did.
type ZoneStatus struct {
	Published int64 // the Serial that resolvers answer by
}

// A Record is a resource record set. Its key sorts as Route 53 lists.
type Record struct {
	Key  string
	Spec route53api.ResourceRecordSet
}

// A Change is one call that changed a zone.
type Change struct {
	Key    string // "…/C0123456789ABCDEFGHIJ"
	Spec   ChangeSpec
	Status struct{}
}

// ChangeSpec says what was changed when.
type ChangeSpec struct {
	Zone        string // its key
	Serial      int64
	Comment     *string
	SubmittedAt time.Time
}

// A HealthCheck says whether something works.
type HealthCheck struct {
	Key  string // "…/01234567-89ab-…"
	Spec HealthCheckSpec
}

// HealthCheckSpec is what the caller asked for.
type HealthCheckSpec struct {
	CallerReference string
	Config          route53api.HealthCheckConfig
	Version         int64
	Tags            tag.Tags
}

// A DelegationSet is four name servers that several zones share.
type DelegationSet struct {
	Key  string // "…/N0123456789ABCDEFGHIJ"
	Spec DelegationSetSpec
}

// DelegationSetSpec is what the caller asked for.
type DelegationSetSpec struct {
	CallerReference string
	NameServers     []string
}

// A QueryLog says where a zone's questions are to be logged.
type QueryLog struct {
	Key  string
	Spec QueryLogSpec
}

// QueryLogSpec is what the caller asked for.
type QueryLogSpec struct {
	Zone     string // its id
	LogGroup string // its ARN
}
