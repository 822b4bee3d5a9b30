package rds

import (
	"net/netip"
	"path/filepath"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are scope.Key(name), the name in lower case.
var (
	Instances       = store.NewTable("rds.instances", func(i *Instance) string { return i.Key })
	SubnetGroups    = store.NewTable("rds.subnet-groups", func(g *SubnetGroup) string { return g.Key })
	ParameterGroups = store.NewTable("rds.parameter-groups", func(g *ParameterGroup) string { return g.Key })
	OptionGroups    = store.NewTable("rds.option-groups", func(g *OptionGroup) string { return g.Key })
	Snapshots       = store.NewTable("rds.snapshots", func(s *Snapshot) string { return s.Key })
	Subscriptions   = store.NewTable("rds.subscriptions", func(s *Subscription) string { return s.Key })

	Clusters               = store.NewTable("rds.clusters", func(c *Cluster) string { return c.Key })
	ClusterParameterGroups = store.NewTable("rds.cluster-parameter-groups", func(g *ParameterGroup) string { return g.Key })
	ClusterSnapshots       = store.NewTable("rds.cluster-snapshots", func(s *ClusterSnapshot) string { return s.Key })
	ClusterEndpoints       = store.NewTable("rds.cluster-endpoints", func(e *ClusterEndpoint) string { return e.Key })
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{
		Instances, SubnetGroups, ParameterGroups, OptionGroups, Snapshots, Subscriptions,
		Clusters, ClusterParameterGroups, ClusterSnapshots, ClusterEndpoints,
	}
}

// Dir returns the data plane's directory of an instance, by the resource id that
// DescribeDBInstances gives back.
func Dir(home, resourceID string) string { return filepath.Join(home, "rds", resourceID) }

// backupDir returns the directory of a snapshot's copy, by the snapshot's resource id.
func backupDir(home, resourceID string) string {
	return filepath.Join(home, "rds-snapshots", resourceID)
}

func idOf(key string) string {
	_, id := arn.SplitKey(key)
	return id
}

// An Instance is a database server.
type Instance struct {
	Key    string
	Spec   InstanceSpec
	Status InstanceStatus
}

// ID returns the caller's name of the instance.
func (i Instance) ID() string { return idOf(i.Key) }

// InstanceSpec is what the caller asked for.
type InstanceSpec struct {
	ResourceID     string // "db-…"; names the directory, and is never used again
	Cluster        string // that it is a member of; empty: it stands alone
	ClusterGroup   string // the cluster's parameter group, while it serves
	Engine         string
	MasterUser     string
	Password       []byte // sealed under the key
	Secret         Secret // where the password is kept for the caller, if it is
	Database       string
	Port           int64
	SubnetGroup    string
	VPCID          string
	Zone           string
	InterfaceID    string
	Address        netip.Addr
	Standby        Standby // takes over from the interface; zero: there is none
	ServerID       uint32
	GroupIDs       []string
	ParameterGroup string
	OptionGroup    string
	Sizing
	Pending   Sizing    // what replaces Sizing at the next maintenance window
	PendingAt time.Time // when it was asked for; zero: nothing is pending
	Settings
	Roles     []Role
	CreatedAt time.Time
	Tags      tag.Tags

	Restore string // resource id of the snapshot that it begins with
	CloneOf string // resource id of the instance whose data it begins with

	Change        int64 // counts what the data plane has to do something for
	Reboots       int64
	Failovers     int64 // how often the standby took over
	Stopped       bool
	Deleted       bool
	FinalSnapshot string // to be made before it goes
}

// A Standby is where the server goes when the place where it runs is given up: an
// interface in another zone.
type Standby struct {
	InterfaceID string
	Address     netip.Addr
	Zone        string
}

// A Role is one that an instance may take for a feature; it is kept only.
type Role struct{ ARN, Feature string }

// A Secret names a secret that the service manages.
type Secret struct{ Name, ARN string }

// Sizing is what a running instance takes only with an interruption.
type Sizing struct {
	Class         string
	EngineVersion string
	MultiAZ       bool
	Storage       int64 // GiB
	StorageType   string
	IOPS          int64
	Throughput    int64
}

// Settings are kept and given back.
type Settings struct {
	MaxStorage          int64
	BackupRetention     int64
	BackupWindow        string
	MaintenanceWindow   string
	AutoMinorUpgrade    bool
	Public              bool
	Encrypted           bool
	KMSKeyID            string
	CopyTags            bool
	DeletionProtection  bool
	IAMAuth             bool
	PerformanceInsights bool
	InsightsRetention   int64
	InsightsKey         string
	InsightsMode        string
	SecretKey           string
	CharacterSet        string
	Timezone            string
	BackupTarget        string
	PromotionTier       int64
	MonitoringInterval  int64
	MonitoringRole      string
	LogExports          []string
	CACertificate       string
	LicenseModel        string
	NetworkType         string
	Lifecycle           string
	DedicatedLogVolume  bool
}

// InstanceStatus is what is true.
type InstanceStatus struct {
	Created    bool // it has answered once
	Ready      bool // it answers
	Stopped    bool
	Change     int64 // the last one done
	Reboots    int64
	Failovers  int64
	Parameters map[string]string // those in force that take a reboot
	Engine     string            // what serves: "MariaDB 10.11.19"
	Fault      string            // why it does not answer
	Failed     bool              // and trying again will not help by itself
}

// A SubnetGroup says where instances may be.
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

// A ParameterGroup holds the server settings of the instances that use it.
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
	Values      map[string]ParameterValue
	Tags        tag.Tags
}

// A ParameterValue is one setting of a group.
type ParameterValue struct {
	Value  string
	Method string // "immediate" or "pending-reboot"
}

// An OptionGroup is kept and given back; no option changes a server.
type OptionGroup struct {
	Key  string
	Spec OptionGroupSpec
}

// Name returns the group's name.
func (g OptionGroup) Name() string { return idOf(g.Key) }

// OptionGroupSpec is what the caller asked for.
type OptionGroupSpec struct {
	Engine      string
	Major       string
	Description string
	Options     []Option
	Tags        tag.Tags
}

// An Option is one feature of an option group.
type Option struct {
	Name     string
	Version  string
	Port     int64
	GroupIDs []string
	Settings map[string]string
}
