package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"apex/internal/graph"
)

func (r *run) dbSubnetGroup(ctx context.Context, v graph.DBSubnetGroup) (fact, Phase, error) {
	want := r.ids(v.Subnets)
	out, err := r.rds.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: &v.Name})
	var missing *types.DBSubnetGroupNotFoundFault
	switch {
	case errors.As(err, &missing):
		_, err = r.rds.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{
			DBSubnetGroupName: &v.Name, DBSubnetGroupDescription: &v.Name, SubnetIds: want, Tags: r.rdsTags(v.ID),
		})
		return fact{ID: v.Name}, Created, err
	case err != nil:
		return fact{}, "", err
	}
	var have []string
	for _, s := range out.DBSubnetGroups[0].Subnets {
		have = append(have, *s.SubnetIdentifier)
	}
	if sameSet(have, want) {
		return fact{ID: v.Name}, Unchanged, nil
	}
	_, err = r.rds.ModifyDBSubnetGroup(ctx, &rds.ModifyDBSubnetGroupInput{DBSubnetGroupName: &v.Name, SubnetIds: want})
	return fact{ID: v.Name}, Updated, err
}

func (r *run) rdsTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

// dbInstance returns once the database's address is known; that it answers is
// for the services to wait for, so that their tasks start meanwhile.
func (r *run) dbInstance(ctx context.Context, v graph.DBInstance, began time.Time) (fact, Phase, error) {
	phase := Unchanged
	have, err := r.findDB(ctx, v.Name)
	if err != nil {
		return fact{}, "", err
	}
	if have == nil {
		phase = Created
		if err := r.createDB(ctx, v); err != nil {
			return fact{}, "", err
		}
	} else if in, changed := dbChanges(v, *have); changed {
		phase = Updated
		if _, err := r.rds.ModifyDBInstance(ctx, in); err != nil {
			return fact{}, "", err
		}
	}
	f := fact{ID: v.Name}
	return f, phase, r.wait(ctx, v, began, pollSlow, func() (bool, string, error) {
		db, err := r.findDB(ctx, v.Name)
		if err != nil {
			return false, "", err
		}
		if db == nil {
			return false, "", errGone
		}
		if status := aws.ToString(db.DBInstanceStatus); strings.HasPrefix(status, "failed") || strings.HasPrefix(status, "incompatible") {
			return false, "", fmt.Errorf("its status is %s", status)
		}
		if db.Endpoint == nil || db.Endpoint.Address == nil {
			return false, "status " + aws.ToString(db.DBInstanceStatus), nil
		}
		f.Host, f.Port, f.ARN = *db.Endpoint.Address, int(aws.ToInt32(db.Endpoint.Port)), aws.ToString(db.DBInstanceArn)
		return true, "", nil
	})
}

func (r *run) findDB(ctx context.Context, name string) (*types.DBInstance, error) {
	out, err := r.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name})
	var missing *types.DBInstanceNotFoundFault
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out.DBInstances[0], nil
}

func (r *run) createDB(ctx context.Context, v graph.DBInstance) error {
	secret := r.fact(v.Secret).Value
	in := &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: &v.Name, DBInstanceClass: &v.Class, Engine: &v.Engine, EngineVersion: &v.Version,
		AllocatedStorage: aws.Int32(int32(v.Storage)), MasterUsername: aws.String(secret["username"]), MasterUserPassword: aws.String(secret["password"]),
		DBName: &v.Database, DBSubnetGroupName: aws.String(r.fact(v.SubnetGroup).ID), VpcSecurityGroupIds: r.ids(v.Groups),
		BackupRetentionPeriod: aws.Int32(int32(v.BackupDays)), PreferredBackupWindow: &v.BackupWindow, PreferredMaintenanceWindow: &v.MaintenanceWindow,
		MultiAZ: &v.MultiAZ, StorageEncrypted: &v.Encrypted, DeletionProtection: &v.Protected, PubliclyAccessible: aws.Bool(false),
		Tags: r.rdsTags(v.ID),
	}
	if v.StorageMax > 0 {
		in.MaxAllocatedStorage = aws.Int32(int32(v.StorageMax))
	}
	_, err := r.rds.CreateDBInstance(ctx, in)
	return err
}

// dbChanges says what of a database differs and can be changed in place.
func dbChanges(v graph.DBInstance, have types.DBInstance) (*rds.ModifyDBInstanceInput, bool) {
	in := &rds.ModifyDBInstanceInput{DBInstanceIdentifier: &v.Name, ApplyImmediately: aws.Bool(true)}
	changed := false
	text := func(have *string, want string, set **string) {
		if aws.ToString(have) != want {
			*set, changed = &want, true
		}
	}
	number := func(have *int32, want int, set **int32) {
		if int(aws.ToInt32(have)) != want {
			*set, changed = aws.Int32(int32(want)), true
		}
	}
	flag := func(have *bool, want bool, set **bool) {
		if aws.ToBool(have) != want {
			*set, changed = &want, true
		}
	}
	text(have.DBInstanceClass, v.Class, &in.DBInstanceClass)
	text(have.PreferredBackupWindow, v.BackupWindow, &in.PreferredBackupWindow)
	text(have.PreferredMaintenanceWindow, v.MaintenanceWindow, &in.PreferredMaintenanceWindow)
	number(have.AllocatedStorage, v.Storage, &in.AllocatedStorage)
	number(have.MaxAllocatedStorage, v.StorageMax, &in.MaxAllocatedStorage)
	number(have.BackupRetentionPeriod, v.BackupDays, &in.BackupRetentionPeriod)
	flag(have.MultiAZ, v.MultiAZ, &in.MultiAZ)
	flag(have.DeletionProtection, v.Protected, &in.DeletionProtection)
	return in, changed
}
