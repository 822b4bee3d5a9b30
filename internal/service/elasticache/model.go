package elasticache

import (
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are scope.Key(name), the name in lower case; a
// cache's has its kind before it, as its ARN has.
var (
	Caches          = store.NewTable("elasticache.caches", func(c *Cache) string { return c.Key })
	SubnetGroups    = store.NewTable("elasticache.subnet-groups", func(g *SubnetGroup) string { return g.Key })
	ParameterGroups = store.NewTable("elasticache.parameter-groups", func(g *ParameterGroup) string { return g.Key })
	Users           = store.NewTable("elasticache.users", func(u *User) string { return u.Key })
	UserGroups      = store.NewTable("elasticache.user-groups", func(g *UserGroup) string { return g.Key })
	Snapshots       = store.NewTable("elasticache.snapshots", func(s *Snapshot) string { return s.Key })
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Caches, SubnetGroups, ParameterGroups, Users, UserGroups, Snapshots}
}

// The kinds of resources, as their ARNs name them.
const (
	kindGroup          = "replicationgroup"
	kindCluster        = "cluster"
	kindSubnetGroup    = "subnetgroup"
	kindParameterGroup = "parametergroup"
	kindUser           = "user"
	kindUserGroup      = "usergroup"
	kindSnapshot       = "snapshot"
)

// Dir returns the data plane's directory of a replication group or a cluster, by
// its ARN.
func Dir(home, cacheARN string) string {
	return filepath.Join(home, "elasticache", strings.ReplaceAll(strings.TrimPrefix(cacheARN, "arn:aws:elasticache:"), ":", "-"))
}

// backupFile returns the file of a snapshot, by the snapshot's resource id.
func backupFile(home, resourceID string) string {
	return filepath.Join(home, "elasticache-snapshots", resourceID+".rdb")
}

func idOf(key string) string {
	_, id := arn.SplitKey(key)
	return id
}

// A Cache is a Redis server: a replication group, or a cluster that stands alone.
type Cache struct {
	Key    string
	Spec   CacheSpec
	Status CacheStatus
}

// Kind returns "replicationgroup" or "cluster".
func (c Cache) Kind() string {
	kind, _, _ := strings.Cut(idOf(c.Key), ":")
	return kind
}

// ID returns the caller's name of the cache.
func (c Cache) ID() string {
	_, id, _ := strings.Cut(idOf(c.Key), ":")
	return id
}

// ARN returns the cache's ARN.
func (c Cache) ARN() string {
	scope, _ := arn.SplitKey(c.Key)
	return scope.ARN("elasticache", idOf(c.Key))
}

func cacheKey(scope arn.Scope, kind, id string) string {
	return scope.Key(kind + ":" + strings.ToLower(id))
}

// CacheSpec is what the caller asked for.
type CacheSpec struct {
	Description    string
	Engine         string   // "redis" or "valkey"; empty is redis
	UserGroups     []string // that may connect; at most one
	Primary        int64    // the member that is named the primary, counted from 1; 0 is the first
	Restore        string   // resource id of the snapshot that it begins with
	Tokens         [][]byte // sealed under the key; any of them admits
	TokenChanged   time.Time
	Port           int64
	SubnetGroup    string
	VPCID          string
	Zones          []string // of the members, the primary's first
	InterfaceID    string
	Address        netip.Addr
	GroupIDs       []string
	ParameterGroup string
	Members        int64 // of a replication group; the first is real
	Sizing
	Pending   Sizing    // what replaces Sizing at the next maintenance window
	PendingAt time.Time // when it was asked for; zero: nothing is pending
	Settings
	CreatedAt time.Time
	Tags      tag.Tags

	Change  int64 // counts what the data plane has to do something for
	Reboots int64
	Deleted bool

	FinalSnapshot string // to be made before it goes
}

// EngineName returns the engine that the caller asked for.
func (s CacheSpec) EngineName() string {
	if s.Engine == "" {
		return "redis"
	}
	return s.Engine
}

// Sizing is what changes in the maintenance window.
type Sizing struct {
	NodeType      string
	EngineVersion string
}

// Settings are kept and given back.
type Settings struct {
	AutoFailover      bool
	MultiAZ           bool
	MaintenanceWindow string
	SnapshotWindow    string
	SnapshotRetention int64
	AutoMinorUpgrade  bool
	TransitEncryption bool
	TransitMode       string
	AtRestEncryption  bool
	KMSKeyID          string
	NetworkType       string
	IPDiscovery       string
	TopicARN          string
	TopicStatus       string
	SnapshottingID    string // the member of which snapshots are made
	Logs              []LogDelivery
}

// A LogDelivery says where a log of the server goes.
type LogDelivery struct {
	Type        string // "slow-log" or "engine-log"
	Format      string // "json" or "text"
	Kind        string // "cloudwatch-logs" or "kinesis-firehose"
	Destination string // the log group or the stream
}

// CacheStatus is what is true.
type CacheStatus struct {
	Created bool // it has answered once
	Ready   bool // it answers
	Change  int64
	Reboots int64
	Engine  string // what serves: "Redis 7.0.15"
	Fault   string // why it does not answer
	Failed  bool   // and trying again will not help by itself
}

// A SubnetGroup says where caches may be.
type SubnetGroup struct {
	Key  string
	Spec SubnetGroupSpec
}

// Name returns the group's name.
func (g SubnetGroup) Name() string { return idOf(g.Key) }

// SubnetGroupSpec is what the caller asked for.
type SubnetGroupSpec struct {
	Description string
	VPCID       string
	SubnetIDs   []string
	Tags        tag.Tags
}

// A ParameterGroup holds the server settings of the caches that use it.
type ParameterGroup struct {
	Key  string
	Spec ParameterGroupSpec
}

// Name returns the group's name.
func (g ParameterGroup) Name() string { return idOf(g.Key) }

// ParameterGroupSpec is what the caller asked for.
type ParameterGroupSpec struct {
	Family      string
	Description string
	Values      map[string]string
	Tags        tag.Tags
}
