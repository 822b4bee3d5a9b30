package rds

import (
	"context"
	"os"
	"path/filepath"
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
		none    = "there are none: backups and snapshots are not built"
		oneNode = "one server: MultiAZ, encryption, backups, monitoring and public access are kept and given back only"
	)
	return []api.Route{
		rdsapi.CreateDBInstance.Handle(s.createInstance).Limited(oneNode),
		rdsapi.DescribeDBInstances.Handle(s.describeInstances),
		rdsapi.ModifyDBInstance.Handle(s.modifyInstance).Limited(oneNode),
		rdsapi.DeleteDBInstance.Handle(s.deleteInstance).Limited("a final snapshot is refused"),
		rdsapi.RebootDBInstance.Handle(s.rebootInstance).Limited("without fail-over"),
		rdsapi.StartDBInstance.Handle(s.startInstance),
		rdsapi.StopDBInstance.Handle(s.stopInstance).Limited("a snapshot is refused"),

		rdsapi.CreateDBSubnetGroup.Handle(s.createSubnetGroup),
		rdsapi.DescribeDBSubnetGroups.Handle(s.describeSubnetGroups),
		rdsapi.ModifyDBSubnetGroup.Handle(s.modifySubnetGroup),
		rdsapi.DeleteDBSubnetGroup.Handle(s.deleteSubnetGroup),

		rdsapi.CreateDBParameterGroup.Handle(s.createParameterGroup),
		rdsapi.DescribeDBParameterGroups.Handle(s.describeParameterGroups),
		rdsapi.DescribeDBParameters.Handle(s.describeParameters),
		rdsapi.ModifyDBParameterGroup.Handle(s.modifyParameterGroup).Limited("parameters marked so in the catalogue reach the server, the others are kept"),
		rdsapi.ResetDBParameterGroup.Handle(s.resetParameterGroup),
		rdsapi.DeleteDBParameterGroup.Handle(s.deleteParameterGroup),
		rdsapi.DescribeEngineDefaultParameters.Handle(s.describeEngineDefaults),

		rdsapi.CreateOptionGroup.Handle(s.createOptionGroup).StoredOnly("no option is built"),
		rdsapi.DescribeOptionGroups.Handle(s.describeOptionGroups),
		rdsapi.ModifyOptionGroup.Handle(s.modifyOptionGroup).Limited("options are refused"),
		rdsapi.DeleteOptionGroup.Handle(s.deleteOptionGroup),

		rdsapi.DescribeDBEngineVersions.Handle(s.describeEngineVersions),
		rdsapi.DescribeOrderableDBInstanceOptions.Handle(s.describeOrderable),
		rdsapi.DescribeAccountAttributes.Handle(s.describeAccount),
		rdsapi.DescribeCertificates.Handle(s.describeCertificates).Limited("connections are not encrypted"),
		rdsapi.DescribeDBClusters.Handle(s.describeClusters).Limited("there are none: clusters are not built"),
		rdsapi.DescribeDBSnapshots.Handle(s.describeSnapshots).Limited(none),
		rdsapi.DescribeDBInstanceAutomatedBackups.Handle(s.describeBackups).Limited(none),
		rdsapi.DescribeEvents.Handle(s.describeEvents).Limited("always empty"),
		rdsapi.DescribePendingMaintenanceActions.Handle(s.describeMaintenance).Limited("there are none"),

		rdsapi.AddTagsToResource.Handle(s.addTags),
		rdsapi.RemoveTagsFromResource.Handle(s.removeTags),
		rdsapi.ListTagsForResource.Handle(s.listTags),
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
