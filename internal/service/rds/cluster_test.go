package rds_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func (w world) cluster(id, engine string) {
	w.t.Helper()
	_, err := w.CreateDBCluster(w.t.Context(), &awsrds.CreateDBClusterInput{
		DBClusterIdentifier: &id, Engine: &engine, MasterUsername: aws.String("admin"), MasterUserPassword: aws.String("correct-horse"), DatabaseName: aws.String("app"),
		DBSubnetGroupName: aws.String("main"), VpcSecurityGroupIds: []string{"sg-1"}, BackupRetentionPeriod: aws.Int32(3),
		ServerlessV2ScalingConfiguration: &types.ServerlessV2ScalingConfiguration{MinCapacity: aws.Float64(0.5), MaxCapacity: aws.Float64(2)},
		Tags:                             []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) member(cluster, id, engine string) {
	w.t.Helper()
	_, err := w.CreateDBInstance(w.t.Context(), &awsrds.CreateDBInstanceInput{
		DBInstanceIdentifier: &id, DBClusterIdentifier: &cluster, Engine: &engine, DBInstanceClass: aws.String("db.serverless"),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) describeCluster(id string) types.DBCluster {
	w.t.Helper()
	out, err := w.DescribeDBClusters(w.t.Context(), &awsrds.DescribeDBClustersInput{DBClusterIdentifier: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.DBClusters[0]
}

func writerOf(c types.DBCluster) string {
	for _, m := range c.DBClusterMembers {
		if *m.IsClusterWriter {
			return *m.DBInstanceIdentifier
		}
	}
	return ""
}

func TestAuroraClusterLife(t *testing.T) {
	w := newWorld(t).run()
	w.cluster("shop", "aurora-mysql")
	w.member("shop", "one", "aurora-mysql")
	w.member("shop", "two", "aurora-mysql")
	w.await("one", "available")
	w.await("two", "available")
	c := w.describeCluster("shop")
	if writerOf(c) != "one" || len(c.DBClusterMembers) != 2 || *c.ServerlessV2ScalingConfiguration.MaxCapacity != 2 || *c.BackupRetentionPeriod != 3 {
		t.Errorf("cluster %+v", c)
	}
	w.execAt(*c.Endpoint, "CREATE TABLE app.kept (n INT)")
	w.execAt(*c.Endpoint, "INSERT INTO app.kept VALUES (1)")
	if got := w.valueAt(*c.ReaderEndpoint, "SELECT n FROM app.kept"); got != "1" {
		t.Errorf("the reader's name gives %q", got)
	}
	_, err := w.CreateDBClusterSnapshot(t.Context(), &awsrds.CreateDBClusterSnapshotInput{DBClusterIdentifier: aws.String("shop"), DBClusterSnapshotIdentifier: aws.String("kept")})
	if err != nil {
		t.Fatal(err)
	}

	// Another member takes over, with the data.
	if _, err := w.FailoverDBCluster(t.Context(), &awsrds.FailoverDBClusterInput{DBClusterIdentifier: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	if c := w.describeCluster("shop"); writerOf(c) != "two" {
		t.Errorf("after fail-over %s writes", writerOf(c))
	}
	w.awaitValueAt(*c.Endpoint, "SELECT n FROM app.kept", "1")
	w.execAt(*c.Endpoint, "UPDATE app.kept SET n = 2")

	// The writer goes, the other one takes over.
	if _, err := w.DeleteDBInstance(t.Context(), &awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("two")}); err != nil {
		t.Fatal(err)
	}
	w.gone("two")
	w.awaitValueAt(*c.Endpoint, "SELECT n FROM app.kept", "2")
	_, err = w.DeleteDBCluster(t.Context(), &awsrds.DeleteDBClusterInput{DBClusterIdentifier: aws.String("shop"), SkipFinalSnapshot: aws.Bool(true)})
	if got := servicetest.Code(err); got != "InvalidDBClusterStateFault" {
		t.Errorf("a cluster with an instance: %s", got)
	}
	w.removeCluster("shop", "one")

	// What the snapshot kept comes back.
	_, err = w.RestoreDBClusterFromSnapshot(t.Context(), &awsrds.RestoreDBClusterFromSnapshotInput{
		DBClusterIdentifier: aws.String("again"), SnapshotIdentifier: aws.String("kept"), Engine: aws.String("aurora-mysql"), DBSubnetGroupName: aws.String("main"),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.member("again", "three", "aurora-mysql")
	w.await("three", "available")
	w.awaitValueAt(*w.describeCluster("again").Endpoint, "SELECT n FROM app.kept", "1")
	w.removeCluster("again", "three")
}

func (w world) removeCluster(id, member string) {
	w.t.Helper()
	if _, err := w.DeleteDBInstance(w.t.Context(), &awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: &member}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.DeleteDBCluster(w.t.Context(), &awsrds.DeleteDBClusterInput{DBClusterIdentifier: &id, SkipFinalSnapshot: aws.Bool(true)}); err != nil {
		w.t.Fatal(err)
	}
	servicetest.Await(w.t, w.env, "cluster "+id+" is gone", func(store.Snapshot) bool {
		_, err := w.DescribeDBClusters(w.t.Context(), &awsrds.DescribeDBClustersInput{DBClusterIdentifier: &id})
		return servicetest.Code(err) == "DBClusterNotFoundFault"
	})
}

func TestAuroraPostgresIsKept(t *testing.T) {
	w := newWorld(t).run()
	w.cluster("docs", "aurora-postgresql")
	w.member("docs", "p1", "aurora-postgresql")
	db := w.await("p1", "available")
	if *db.Endpoint.Port != 5432 || *db.DBClusterIdentifier != "docs" {
		t.Errorf("member %+v", db)
	}
	_, err := w.ModifyDBCluster(t.Context(), &awsrds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("docs"), BackupRetentionPeriod: aws.Int32(9), DeletionProtection: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	c := w.describeCluster("docs")
	if *c.BackupRetentionPeriod != 9 || !*c.DeletionProtection || *c.EngineVersion != "16.4" {
		t.Errorf("cluster %+v", c)
	}
	_, err = w.DeleteDBCluster(t.Context(), &awsrds.DeleteDBClusterInput{DBClusterIdentifier: aws.String("docs"), SkipFinalSnapshot: aws.Bool(true)})
	if got := servicetest.Code(err); got != "InvalidParameterCombination" {
		t.Errorf("protected: %s", got)
	}
}
