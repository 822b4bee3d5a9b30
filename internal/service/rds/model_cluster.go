package rds

import (
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// A Cluster is an Aurora cluster: one server, whose data are the cluster's, and
// which serves at the interface of the member that writes. The names of the other
// members lead to it too.
type Cluster struct {
	Key    string
	Spec   ClusterSpec
	Status ClusterStatus
}

// ID returns the caller's name of the cluster.
func (c Cluster) ID() string { return idOf(c.Key) }

// ClusterSpec is what the caller asked for.
type ClusterSpec struct {
	ResourceID string // "cluster-…"; names the directory, and is never used again
	Engine     string
	Version    string
	Mode       string // "provisioned"
	MasterUser string
	Password   []byte // sealed under the key
	Secret     Secret
	Database   string
	Port       int64
	ServerID   uint32

	SubnetGroup    string
	VPCID          string
	GroupIDs       []string
	Zones          []string
	ParameterGroup string
	ClusterSettings
	Roles     []Role
	CreatedAt time.Time
	Tags      tag.Tags

	Restore       string // resource id of the snapshot that it begins with
	Writer        string // the member that serves; empty: there is none
	Stopped       bool
	Deleted       bool
	FinalSnapshot string // to be made before it goes
}

// ClusterSettings are kept and given back.
type ClusterSettings struct {
	BackupRetention    int64
	BackupWindow       string
	MaintenanceWindow  string
	Encrypted          bool
	KMSKeyID           string
	SecretKey          string
	IAMAuth            bool
	Backtrack          int64
	LogExports         []string
	DeletionProtection bool
	HTTPEndpoint       bool
	CopyTags           bool
	StorageType        string
	IOPS               int64
	NetworkType        string
	Lifecycle          string
	MinCapacity        *float64 // of serverless members
	MaxCapacity        *float64
	AutoPause          *int64
	InsightsMode       string
	Insights           bool
	InsightsKey        string
	InsightsRetention  int64
	MonitoringInterval int64
	MonitoringRole     string
	CACertificate      string
	LocalForwarding    bool
}

// ClusterStatus is what is true.
type ClusterStatus struct {
	Stopped bool
	Fault   string
}

// clusterState names what a cluster is doing.
func clusterState(c Cluster) string {
	switch {
	case c.Spec.Deleted:
		return stateDeleting
	case c.Spec.Stopped && c.Status.Stopped:
		return stateStopped
	case c.Spec.Stopped:
		return stateStopping
	case c.Status.Stopped:
		return stateStarting
	}
	return stateAvailable
}

// members lists a cluster's instances, in order of their names.
func (c Cluster) members(r store.Reader) (all []Instance) {
	scope, id := arn.SplitKey(c.Key)
	for _, i := range Instances.Prefix(r, scope.Prefix()) {
		if i.Spec.Cluster == id {
			all = append(all, i)
		}
	}
	return all
}

// A ClusterSnapshot is a copy of a cluster's data on disk.
type ClusterSnapshot struct {
	Key    string
	Spec   ClusterSnapshotSpec
	Status SnapshotStatus
}

// ID returns the caller's name of the snapshot.
func (s ClusterSnapshot) ID() string { return idOf(s.Key) }

// ClusterSnapshotSpec is what the caller asked for.
type ClusterSnapshotSpec struct {
	ResourceID string
	ClusterID  string
	Cluster    ClusterSpec // as it was; the password is sealed under the snapshot's key
	Source     string      // key of the snapshot that it copies; empty: the cluster itself
	Type       string
	SharedWith []string
	CreatedAt  time.Time
	Tags       tag.Tags
	Deleted    bool
}

// A ClusterEndpoint is a further name of a cluster.
type ClusterEndpoint struct {
	Key  string
	Spec ClusterEndpointSpec
}

// ID returns the caller's name of the endpoint.
func (e ClusterEndpoint) ID() string { return idOf(e.Key) }

// ClusterEndpointSpec is what the caller asked for.
type ClusterEndpointSpec struct {
	ResourceID string
	Cluster    string
	Type       string // "READER" or "ANY"
	Static     []string
	Excluded   []string
	Tags       tag.Tags
}
