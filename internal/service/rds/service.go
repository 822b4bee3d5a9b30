package rds

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
	"apex/internal/service"
	"apex/internal/service/meter"
)

// A Service serves RDS.
type Service struct {
	env    service.Env
	engine atomic.Pointer[mysql.Engine] // set once a controller has found it
	meter  meter.Memory[mysql.Figures]
}

// New returns the service of a region.
func New(env service.Env) *Service { return &Service{env: env} }

// Stop ends every server of this home, and keeps the data.
func (s *Service) Stop(ctx context.Context) error {
	dirs, err := filepath.Glob(Dir(s.env.Home, "*"))
	if err != nil {
		return err
	}
	var all errgroup.Group
	for _, dir := range dirs {
		all.Go(func() error { return mysql.Stop(ctx, dir) })
	}
	return all.Wait()
}

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	const (
		oneNode = "one server; with MultiAZ it moves to an interface in another zone when RebootDBInstance asks; encryption, monitoring and public access are kept and given back only"
		aurora  = "aurora-mysql: one server, to which the names of all members lead; aurora-postgresql: kept only"
	)
	return slices.Concat(s.clusterRoutes(aurora), s.snapshotRoutes(), s.groupRoutes(), []api.Route{
		rdsapi.CreateDBInstance.Handle(s.createInstance).Limited(oneNode),
		rdsapi.DescribeDBInstances.Handle(s.describeInstances),
		rdsapi.ModifyDBInstance.Handle(s.modifyInstance).Limited(oneNode),
		rdsapi.DeleteDBInstance.Handle(s.deleteInstance),
		rdsapi.RebootDBInstance.Handle(s.rebootInstance).Limited("ForceFailover fences the server and starts it in the other zone on the same data; nothing else makes it fail over"),
		rdsapi.StartDBInstance.Handle(s.startInstance),
		rdsapi.StopDBInstance.Handle(s.stopInstance),
		rdsapi.AddRoleToDBInstance.Handle(s.addRole).StoredOnly("no feature takes the role"),
		rdsapi.RemoveRoleFromDBInstance.Handle(s.removeRole).StoredOnly("no feature takes the role"),
		rdsapi.CreateDBInstanceReadReplica.Handle(s.createReplica).Limited("refused: read replicas are not built"),
		rdsapi.PromoteReadReplica.Handle(s.promoteReplica).Limited("refused: there are no read replicas"),

		rdsapi.DescribeDBEngineVersions.Handle(s.describeEngineVersions),
		rdsapi.DescribeOrderableDBInstanceOptions.Handle(s.describeOrderable),
		rdsapi.DescribeValidDBInstanceModifications.Handle(s.describeModifications),
		rdsapi.DescribeAccountAttributes.Handle(s.describeAccount),
		rdsapi.DescribeCertificates.Handle(s.describeCertificates).Limited("connections are not encrypted"),
		rdsapi.DescribeDBLogFiles.Handle(s.describeLogFiles),
		rdsapi.DownloadDBLogFilePortion.Handle(s.downloadLog),
		rdsapi.DescribePendingMaintenanceActions.Handle(s.describeMaintenance).Limited("there are none"),
		rdsapi.DescribeReservedDBInstances.Handle(s.describeReserved).Limited("there are none"),
		rdsapi.DescribeSourceRegions.Handle(s.describeSourceRegions).Limited("there are none"),
		rdsapi.DescribeDBSecurityGroups.Handle(s.describeSecurityGroups).Limited("there are none: EC2-Classic is retired"),

		rdsapi.DescribeEvents.Handle(s.describeEvents).Limited("always empty"),
		rdsapi.DescribeEventCategories.Handle(s.describeCategories),
		rdsapi.CreateEventSubscription.Handle(s.createSubscription).StoredOnly("no event is sent"),
		rdsapi.ModifyEventSubscription.Handle(s.modifySubscription).StoredOnly("no event is sent"),
		rdsapi.AddSourceIdentifierToSubscription.Handle(s.addSource).StoredOnly("no event is sent"),
		rdsapi.RemoveSourceIdentifierFromSubscription.Handle(s.removeSource).StoredOnly("no event is sent"),
		rdsapi.DescribeEventSubscriptions.Handle(s.describeSubscriptions),
		rdsapi.DeleteEventSubscription.Handle(s.deleteSubscription),

		rdsapi.CreateDBProxy.Handle(s.createProxy).Limited("refused: proxies are not built"),
		rdsapi.DescribeDBProxies.Handle(s.describeProxies).Limited("there are none"),
		rdsapi.CreateBlueGreenDeployment.Handle(s.createBlueGreen).Limited("refused: blue/green deployments are not built"),
		rdsapi.DescribeBlueGreenDeployments.Handle(s.describeBlueGreen).Limited("there are none"),
		rdsapi.CreateGlobalCluster.Handle(s.createGlobal).Limited("refused: global clusters are not built"),
		rdsapi.DescribeGlobalClusters.Handle(s.describeGlobals).Limited("there are none"),

		rdsapi.AddTagsToResource.Handle(s.addTags),
		rdsapi.RemoveTagsFromResource.Handle(s.removeTags),
		rdsapi.ListTagsForResource.Handle(s.listTags),
	})
}

func (s *Service) groupRoutes() []api.Route {
	const (
		kept     = "parameters marked so in the catalogue reach the server, the others are kept; families of other engines are kept only"
		noOption = "no option changes a server"
	)
	return []api.Route{
		rdsapi.CreateDBSubnetGroup.Handle(s.createSubnetGroup),
		rdsapi.DescribeDBSubnetGroups.Handle(s.describeSubnetGroups),
		rdsapi.ModifyDBSubnetGroup.Handle(s.modifySubnetGroup),
		rdsapi.DeleteDBSubnetGroup.Handle(s.deleteSubnetGroup),

		rdsapi.CreateDBParameterGroup.Handle(s.createParameterGroup),
		rdsapi.CopyDBParameterGroup.Handle(s.copyParameterGroup),
		rdsapi.DescribeDBParameterGroups.Handle(s.describeParameterGroups),
		rdsapi.DescribeDBParameters.Handle(s.describeParameters),
		rdsapi.ModifyDBParameterGroup.Handle(s.modifyParameterGroup).Limited(kept),
		rdsapi.ResetDBParameterGroup.Handle(s.resetParameterGroup),
		rdsapi.DeleteDBParameterGroup.Handle(s.deleteParameterGroup),
		rdsapi.DescribeEngineDefaultParameters.Handle(s.describeEngineDefaults),

		rdsapi.CreateDBClusterParameterGroup.Handle(s.createClusterGroup),
		rdsapi.CopyDBClusterParameterGroup.Handle(s.copyClusterGroup),
		rdsapi.DescribeDBClusterParameterGroups.Handle(s.describeClusterGroups),
		rdsapi.DescribeDBClusterParameters.Handle(s.describeClusterParameters),
		rdsapi.ModifyDBClusterParameterGroup.Handle(s.modifyClusterGroup).Limited(kept),
		rdsapi.ResetDBClusterParameterGroup.Handle(s.resetClusterGroup),
		rdsapi.DeleteDBClusterParameterGroup.Handle(s.deleteClusterGroup),
		rdsapi.DescribeEngineDefaultClusterParameters.Handle(s.describeClusterDefaults),

		rdsapi.CreateOptionGroup.Handle(s.createOptionGroup).StoredOnly(noOption),
		rdsapi.CopyOptionGroup.Handle(s.copyOptionGroup).StoredOnly(noOption),
		rdsapi.DescribeOptionGroups.Handle(s.describeOptionGroups),
		rdsapi.DescribeOptionGroupOptions.Handle(s.describeOptionOffers),
		rdsapi.ModifyOptionGroup.Handle(s.modifyOptionGroup).StoredOnly(noOption),
		rdsapi.DeleteOptionGroup.Handle(s.deleteOptionGroup),
	}
}

func (s *Service) snapshotRoutes() []api.Route {
	const sharing = "kept: no other account can restore it"
	return []api.Route{
		rdsapi.CreateDBSnapshot.Handle(s.createSnapshot),
		rdsapi.CopyDBSnapshot.Handle(s.copySnapshotRow),
		rdsapi.DescribeDBSnapshots.Handle(s.describeSnapshots),
		rdsapi.ModifyDBSnapshot.Handle(s.modifySnapshot),
		rdsapi.DeleteDBSnapshot.Handle(s.deleteSnapshot),
		rdsapi.DescribeDBSnapshotAttributes.Handle(s.describeSnapshotAttributes),
		rdsapi.ModifyDBSnapshotAttribute.Handle(s.modifySnapshotAttribute).StoredOnly(sharing),
		rdsapi.RestoreDBInstanceFromDBSnapshot.Handle(s.restoreInstance),
		rdsapi.RestoreDBInstanceToPointInTime.Handle(s.restoreToTime).Limited("with UseLatestRestorableTime; a time in the past is refused"),
		rdsapi.DescribeDBInstanceAutomatedBackups.Handle(s.describeBackups).Limited("instances that can be restored as they are now; no backup is made by itself"),
		rdsapi.DeleteDBInstanceAutomatedBackup.Handle(s.deleteBackup).Limited("there are none of instances that are gone"),
	}
}

func (s *Service) clusterRoutes(aurora string) []api.Route {
	const sharing = "kept: no other account can restore it"
	return []api.Route{
		rdsapi.CreateDBCluster.Handle(s.createCluster).Limited(aurora),
		rdsapi.DescribeDBClusters.Handle(s.describeClusters),
		rdsapi.ModifyDBCluster.Handle(s.modifyCluster).Limited(aurora),
		rdsapi.DeleteDBCluster.Handle(s.deleteCluster),
		rdsapi.StartDBCluster.Handle(s.startCluster),
		rdsapi.StopDBCluster.Handle(s.stopCluster),
		rdsapi.FailoverDBCluster.Handle(s.failoverCluster),
		rdsapi.AddRoleToDBCluster.Handle(s.addClusterRole).StoredOnly("no feature takes the role"),
		rdsapi.RemoveRoleFromDBCluster.Handle(s.removeClusterRole).StoredOnly("no feature takes the role"),

		rdsapi.CreateDBClusterEndpoint.Handle(s.createEndpoint).Limited("the name leads to the cluster's one server"),
		rdsapi.DescribeDBClusterEndpoints.Handle(s.describeEndpoints),
		rdsapi.ModifyDBClusterEndpoint.Handle(s.modifyEndpoint),
		rdsapi.DeleteDBClusterEndpoint.Handle(s.deleteEndpoint),

		rdsapi.CreateDBClusterSnapshot.Handle(s.createClusterSnapshot),
		rdsapi.CopyDBClusterSnapshot.Handle(s.copyClusterSnapshot),
		rdsapi.DescribeDBClusterSnapshots.Handle(s.describeClusterSnapshots),
		rdsapi.DeleteDBClusterSnapshot.Handle(s.deleteClusterSnapshot),
		rdsapi.DescribeDBClusterSnapshotAttributes.Handle(s.describeClusterSnapshotAttributes),
		rdsapi.ModifyDBClusterSnapshotAttribute.Handle(s.modifyClusterSnapshotAttribute).StoredOnly(sharing),
		rdsapi.RestoreDBClusterFromSnapshot.Handle(s.restoreCluster),
	}
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// knownDirs are the directories of the instances on disk.
func knownDirs(home string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(home, "rds"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}
