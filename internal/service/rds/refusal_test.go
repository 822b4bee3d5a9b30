package rds_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"apex/internal/service/ec2"
	"apex/internal/service/rds"
	"apex/internal/service/secretsmanager"
	"apex/internal/service/servicetest"
)

func TestCreateInstanceRefuses(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		change func(*awsrds.CreateDBInstanceInput)
		code   string
	}{
		"another engine":       {func(in *awsrds.CreateDBInstanceInput) { in.Engine = aws.String("postgres") }, "InvalidParameterValue"},
		"unknown version":      {func(in *awsrds.CreateDBInstanceInput) { in.EngineVersion = aws.String("5.5") }, "InvalidParameterValue"},
		"unknown class":        {func(in *awsrds.CreateDBInstanceInput) { in.DBInstanceClass = aws.String("db.huge") }, "InvalidParameterValue"},
		"no password":          {func(in *awsrds.CreateDBInstanceInput) { in.MasterUserPassword = nil }, "InvalidParameterValue"},
		"odd password":         {func(in *awsrds.CreateDBInstanceInput) { in.MasterUserPassword = aws.String("with a space") }, "InvalidParameterValue"},
		"two passwords":        {func(in *awsrds.CreateDBInstanceInput) { in.ManageMasterUserPassword = aws.Bool(true) }, "InvalidParameterCombination"},
		"odd database":         {func(in *awsrds.CreateDBInstanceInput) { in.DBName = aws.String("a`b") }, "InvalidParameterValue"},
		"odd user":             {func(in *awsrds.CreateDBInstanceInput) { in.MasterUsername = aws.String("rdsadmin") }, "InvalidParameterValue"},
		"odd identifier":       {func(in *awsrds.CreateDBInstanceInput) { in.DBInstanceIdentifier = aws.String("-db") }, "InvalidParameterValue"},
		"odd window":           {func(in *awsrds.CreateDBInstanceInput) { in.PreferredMaintenanceWindow = aws.String("monday") }, "InvalidParameterValue"},
		"no subnet group":      {func(in *awsrds.CreateDBInstanceInput) { in.DBSubnetGroupName = nil }, "InvalidVPCNetworkStateFault"},
		"unknown subnet group": {func(in *awsrds.CreateDBInstanceInput) { in.DBSubnetGroupName = aws.String("none") }, "DBSubnetGroupNotFoundFault"},
		"no parameter group":   {func(in *awsrds.CreateDBInstanceInput) { in.DBParameterGroupName = aws.String("none") }, "DBParameterGroupNotFound"},
		"another family":       {func(in *awsrds.CreateDBInstanceInput) { in.DBParameterGroupName = aws.String("default.mariadb10.11") }, "InvalidParameterCombination"},
		"no such group":        {func(in *awsrds.CreateDBInstanceInput) { in.VpcSecurityGroupIds = []string{"sg-9"} }, "InvalidGroup.NotFound"},
		"storage bound":        {func(in *awsrds.CreateDBInstanceInput) { in.MaxAllocatedStorage = aws.Int32(10) }, "InvalidParameterCombination"},
	} {
		t.Run(name, func(t *testing.T) {
			in := request("db-1")
			tt.change(in)
			if _, err := w.CreateDBInstance(t.Context(), in); servicetest.Code(err) != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
	w.create(request("db-1"))
	if _, err := w.CreateDBInstance(t.Context(), request("DB-1")); servicetest.Code(err) != "DBInstanceAlreadyExists" {
		t.Errorf("a second of the name: %v", err)
	}
}

func TestDeleteInstanceRefuses(t *testing.T) {
	w := newWorld(t)
	in := request("db-1")
	in.DeletionProtection = aws.Bool(true)
	w.create(in)
	w.create(request("db-2"))
	for name, tt := range map[string]struct {
		in   awsrds.DeleteDBInstanceInput
		code string
	}{
		"protected":    {awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-1"), SkipFinalSnapshot: aws.Bool(true)}, "InvalidParameterCombination"},
		"no choice":    {awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-2")}, "InvalidParameterCombination"},
		"snapshot":     {awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-2"), FinalDBSnapshotIdentifier: aws.String("last")}, "InvalidDBInstanceState"},
		"not there":    {awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-3"), SkipFinalSnapshot: aws.Bool(true)}, "DBInstanceNotFound"},
		"both at once": {awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db-2"), FinalDBSnapshotIdentifier: aws.String("last"), SkipFinalSnapshot: aws.Bool(true)}, "InvalidParameterCombination"},
	} {
		if _, err := w.DeleteDBInstance(t.Context(), &tt.in); servicetest.Code(err) != tt.code {
			t.Errorf("%s: got %v, want %s", name, err, tt.code)
		}
	}
	for _, i := range []string{"db-1", "db-2"} {
		if w.instance(i).Spec.Deleted {
			t.Errorf("%s is deleted", i)
		}
	}
}

func TestGroupsInUseStay(t *testing.T) {
	w := newWorld(t)
	w.parameterGroup("tuned")
	in := request("db-1")
	in.DBParameterGroupName = aws.String("tuned")
	w.create(in)
	_, err := w.DeleteDBParameterGroup(t.Context(), &awsrds.DeleteDBParameterGroupInput{DBParameterGroupName: aws.String("tuned")})
	if servicetest.Code(err) != "InvalidDBParameterGroupState" {
		t.Errorf("parameter group: %v", err)
	}
	_, err = w.DeleteDBSubnetGroup(t.Context(), &awsrds.DeleteDBSubnetGroupInput{DBSubnetGroupName: aws.String("main")})
	if servicetest.Code(err) != "InvalidDBSubnetGroupStateFault" {
		t.Errorf("subnet group: %v", err)
	}
	_, err = w.ModifyDBParameterGroup(t.Context(), &awsrds.ModifyDBParameterGroupInput{
		DBParameterGroupName: aws.String("default.mysql8.0"), Parameters: []types.Parameter{
			{ParameterName: aws.String("wait_timeout"), ParameterValue: aws.String("9"), ApplyMethod: types.ApplyMethodImmediate},
		},
	})
	if servicetest.Code(err) != "InvalidDBParameterGroupState" {
		t.Errorf("default group: %v", err)
	}
}

// What Terraform sets must come back as it was set.
func TestInstanceIsReadBackAsCreated(t *testing.T) {
	w := newWorld(t)
	in := request("db-1")
	in.MultiAZ, in.StorageEncrypted, in.StorageType = aws.Bool(true), aws.Bool(true), aws.String("gp3")
	in.EnableCloudwatchLogsExports, in.PreferredBackupWindow = []string{"error"}, aws.String("02:00-03:00")
	w.create(in)
	db := w.describe("db-1")
	for what, ok := range map[string]bool{
		"class":       *db.DBInstanceClass == "db.t3.micro",
		"storage":     *db.AllocatedStorage == 20 && *db.MaxAllocatedStorage == 40 && *db.StorageType == "gp3",
		"version":     *db.EngineVersion == "8.0.40",
		"multi-az":    *db.MultiAZ && *db.StorageEncrypted,
		"windows":     *db.PreferredMaintenanceWindow == "mon:04:00-mon:05:00" && *db.PreferredBackupWindow == "02:00-03:00",
		"retention":   *db.BackupRetentionPeriod == 7,
		"exports":     len(db.EnabledCloudwatchLogsExports) == 1,
		"tags":        len(db.TagList) == 1 && *db.TagList[0].Value == "apexai",
		"groups":      *db.VpcSecurityGroups[0].VpcSecurityGroupId == "sg-2" && *db.DBSubnetGroup.DBSubnetGroupName == "main",
		"option":      *db.OptionGroupMemberships[0].OptionGroupName == "default:mysql-8-0",
		"parameter":   *db.DBParameterGroups[0].DBParameterGroupName == "default.mysql8.0",
		"unencrypted": w.instance("db-1").Spec.Password != nil && string(w.instance("db-1").Spec.Password) != "correct-horse",
	} {
		if !ok {
			t.Errorf("%s: %+v", what, db)
		}
	}
}

func TestDescribeInstances(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"a", "b", "c"} {
		w.create(request(id))
	}
	out, err := w.DescribeDBInstances(t.Context(), &awsrds.DescribeDBInstancesInput{
		Filters: []types.Filter{{Name: aws.String("db-instance-id"), Values: []string{"b"}}, {Name: aws.String("engine"), Values: []string{"mysql"}}},
	})
	if err != nil || len(out.DBInstances) != 1 || *out.DBInstances[0].DBInstanceIdentifier != "b" {
		t.Errorf("filtered: %+v, %v", out, err)
	}
	_, err = w.DescribeDBInstances(t.Context(), &awsrds.DescribeDBInstancesInput{
		Filters: []types.Filter{{Name: aws.String("colour"), Values: []string{"red"}}},
	})
	if servicetest.Code(err) != "InvalidParameterValue" {
		t.Errorf("unknown filter: %v", err)
	}
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	name := w.create(request("db-1")).DBInstanceArn
	if _, err := w.AddTagsToResource(t.Context(), &awsrds.AddTagsToResourceInput{ResourceName: name, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemoveTagsFromResource(t.Context(), &awsrds.RemoveTagsFromResourceInput{ResourceName: name, TagKeys: []string{"stack"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.ListTagsForResource(t.Context(), &awsrds.ListTagsForResourceInput{ResourceName: name})
	if err != nil || len(out.TagList) != 1 || *out.TagList[0].Key != "a" {
		t.Errorf("tags %+v, %v", out, err)
	}
	for _, kind := range []string{"subgrp:main", "pg:default.mysql8.0", "og:default:mysql-8-0"} {
		if _, err := w.ListTagsForResource(t.Context(), &awsrds.ListTagsForResourceInput{ResourceName: aws.String("arn:aws:rds:us-east-1:000000000000:" + kind)}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// A failed transaction leaves neither an interface nor a secret.
func TestRefusalLeavesNothing(t *testing.T) {
	w := newWorld(t)
	in := request("db-1")
	in.MasterUserPassword, in.ManageMasterUserPassword, in.VpcSecurityGroupIds = nil, aws.Bool(true), []string{"sg-9"}
	if _, err := w.CreateDBInstance(t.Context(), in); err == nil {
		t.Fatal("made in an unknown group")
	}
	snap := w.env.Store.Snapshot()
	for key := range rds.Instances.All(snap) {
		t.Errorf("instance %s is left", key)
	}
	for key := range secretsmanager.Secrets.All(snap) {
		t.Errorf("secret %s is left", key)
	}
	for key := range ec2.NetworkInterfaces.All(snap) {
		t.Errorf("interface %s is left", key)
	}
}
