package rds_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// snapshotDone waits until a snapshot is on disk.
func (w world) snapshotDone(id string) types.DBSnapshot {
	w.t.Helper()
	var got types.DBSnapshot
	servicetest.Await(w.t, w.env, id+" is available", func(store.Snapshot) bool {
		out, err := w.DescribeDBSnapshots(w.t.Context(), &awsrds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: &id})
		if err != nil {
			return false
		}
		got = out.DBSnapshots[0]
		return *got.Status == "available"
	})
	return got
}

func TestSnapshotAndRestore(t *testing.T) {
	w := newWorld(t).run()
	in := request("db-1")
	in.Tags = []types.Tag{{Key: aws.String("of"), Value: aws.String("instance")}}
	in.CopyTagsToSnapshot = aws.Bool(true)
	w.create(in)
	w.await("db-1", "available")
	w.mustExec("db-1", "CREATE TABLE app.kept (n INT)")
	w.mustExec("db-1", "INSERT INTO app.kept VALUES (42)")
	if _, err := w.CreateDBSnapshot(t.Context(), &awsrds.CreateDBSnapshotInput{DBInstanceIdentifier: aws.String("db-1"), DBSnapshotIdentifier: aws.String("first")}); err != nil {
		t.Fatal(err)
	}
	taken := w.snapshotDone("first")
	if *taken.PercentProgress != 100 || *taken.SnapshotType != "manual" || len(taken.TagList) != 1 || *taken.MasterUsername != "admin" {
		t.Errorf("snapshot %+v", taken)
	}
	w.mustExec("db-1", "UPDATE app.kept SET n = 43")

	// Its copy outlives the instance and the first.
	if _, err := w.CopyDBSnapshot(t.Context(), &awsrds.CopyDBSnapshotInput{SourceDBSnapshotIdentifier: aws.String("first"), TargetDBSnapshotIdentifier: aws.String("second")}); err != nil {
		t.Fatal(err)
	}
	w.snapshotDone("second")
	if _, err := w.DeleteDBSnapshot(t.Context(), &awsrds.DeleteDBSnapshotInput{DBSnapshotIdentifier: aws.String("first")}); err != nil {
		t.Fatal(err)
	}
	_, err := w.DeleteDBInstance(t.Context(), &awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-1"), FinalDBSnapshotIdentifier: aws.String("last")})
	if err != nil {
		t.Fatal(err)
	}
	w.gone("db-1")
	w.snapshotDone("last")

	for snapshot, want := range map[string]string{"second": "42", "last": "43"} {
		id := "of-" + snapshot
		_, err := w.RestoreDBInstanceFromDBSnapshot(t.Context(), &awsrds.RestoreDBInstanceFromDBSnapshotInput{
			DBInstanceIdentifier: &id, DBSnapshotIdentifier: &snapshot, DBInstanceClass: aws.String("db.t3.small"), DBSubnetGroupName: aws.String("main"),
			VpcSecurityGroupIds: []string{"sg-2"},
		})
		if err != nil {
			t.Fatal(err)
		}
		db := w.await(id, "available")
		if *db.DBInstanceClass != "db.t3.small" || *db.VpcSecurityGroups[0].VpcSecurityGroupId != "sg-2" || *db.DBParameterGroups[0].DBParameterGroupName != "default.mysql8.0" {
			t.Errorf("restored %+v", db)
		}
		w.mustQuery(id, "correct-horse", "SELECT n FROM app.kept", want)
	}
	for _, id := range []string{"second", "last"} {
		if _, err := w.DeleteDBSnapshot(t.Context(), &awsrds.DeleteDBSnapshotInput{DBSnapshotIdentifier: &id}); err != nil {
			t.Error(err)
		}
	}
	servicetest.Await(t, w.env, "no snapshot is left", func(store.Snapshot) bool {
		out, err := w.DescribeDBSnapshots(t.Context(), &awsrds.DescribeDBSnapshotsInput{})
		return err == nil && len(out.DBSnapshots) == 0
	})
	if left, err := filepath.Glob(filepath.Join(w.env.Home, "rds-snapshots", "*")); err != nil || len(left) > 0 {
		t.Errorf("on disk: %v, %v", left, err)
	}
}

func TestRestoreToLatestTime(t *testing.T) {
	w := newWorld(t).run()
	w.create(request("db-1"))
	w.await("db-1", "available")
	w.mustExec("db-1", "CREATE TABLE app.kept (n INT)")
	w.mustExec("db-1", "INSERT INTO app.kept VALUES (7)")
	_, err := w.RestoreDBInstanceToPointInTime(t.Context(), &awsrds.RestoreDBInstanceToPointInTimeInput{
		SourceDBInstanceIdentifier: aws.String("db-1"), TargetDBInstanceIdentifier: aws.String("db-2"), UseLatestRestorableTime: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.await("db-2", "available")
	w.mustExec("db-1", "DROP TABLE app.kept")
	w.mustQuery("db-2", "correct-horse", "SELECT n FROM app.kept", "7")
	if _, err := os.Stat(filepath.Join(w.env.Home, "rds-snapshots")); err == nil {
		if left, _ := filepath.Glob(filepath.Join(w.env.Home, "rds-snapshots", "*")); len(left) > 0 {
			t.Errorf("left on disk: %v", left)
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestSnapshotRefusals(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for want, call := range map[string]func() error{
		"DBSnapshotNotFound": func() error {
			_, err := w.DescribeDBSnapshots(ctx, &awsrds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: aws.String("none")})
			return err
		},
		"DBInstanceNotFound": func() error {
			_, err := w.CreateDBSnapshot(ctx, &awsrds.CreateDBSnapshotInput{DBInstanceIdentifier: aws.String("none"), DBSnapshotIdentifier: aws.String("one")})
			return err
		},
		"DBClusterNotFoundFault": func() error {
			_, err := w.DescribeDBClusters(ctx, &awsrds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("none")})
			return err
		},
		"DBClusterSnapshotNotFoundFault": func() error {
			_, err := w.DescribeDBClusterSnapshots(ctx, &awsrds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: aws.String("none")})
			return err
		},
		"SubscriptionNotFound": func() error {
			_, err := w.DescribeEventSubscriptions(ctx, &awsrds.DescribeEventSubscriptionsInput{SubscriptionName: aws.String("none")})
			return err
		},
		"DBProxyNotFoundFault": func() error {
			_, err := w.DescribeDBProxies(ctx, &awsrds.DescribeDBProxiesInput{DBProxyName: aws.String("none")})
			return err
		},
		"GlobalClusterNotFoundFault": func() error {
			_, err := w.DescribeGlobalClusters(ctx, &awsrds.DescribeGlobalClustersInput{GlobalClusterIdentifier: aws.String("none")})
			return err
		},
		"DBParameterGroupNotFound": func() error {
			_, err := w.DescribeDBClusterParameterGroups(ctx, &awsrds.DescribeDBClusterParameterGroupsInput{DBClusterParameterGroupName: aws.String("none")})
			return err
		},
	} {
		if got := servicetest.Code(call()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
