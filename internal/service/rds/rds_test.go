package rds_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	driver "github.com/go-sql-driver/mysql"

	"apex/internal/arn"
	"apex/internal/dataplane/mysql"
	"apex/internal/dataplane/supervisor"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/service/kms"
	"apex/internal/service/rds"
	"apex/internal/service/secretsmanager"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// TestMain lets the test binary stand in for apex.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		os.Exit(supervisor.Main(os.Args[2:]))
	}
	os.Exit(withCache(m))
}

// withCache gives all tests of the run one cache for templates.
func withCache(m *testing.M) int {
	dir, err := os.MkdirTemp("", "apex-rds-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	return m.Run()
}

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

// A world is a region with two subnets, whose addresses are on loopback so that
// servers can listen there without a namespace.
type world struct {
	*awsrds.Client
	env service.Env
	t   *testing.T
}

func newWorld(t *testing.T) world {
	t.Helper()
	tables := slices.Concat(ec2.Tables(), secretsmanager.Tables(), kms.Tables(), rds.Tables())
	env := servicetest.Env(t, tables...)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env.Executable = executable
	err = env.Store.Update(t.Context(), func(tx *store.Tx) error {
		second := byte(100 + os.Getpid()%100) // another process's tests have other addresses
		ec2.VPCs.Put(tx, ec2.VPC{Key: scope.Key("vpc-1")})
		ec2.SecurityGroups.Put(tx, ec2.SecurityGroup{Key: scope.Key("sg-1"), Spec: ec2.SecurityGroupSpec{VPCID: "vpc-1", Name: "default"}})
		ec2.SecurityGroups.Put(tx, ec2.SecurityGroup{Key: scope.Key("sg-2"), Spec: ec2.SecurityGroupSpec{VPCID: "vpc-1", Name: "db"}})
		for n, zone := range map[byte]string{1: "us-east-1a", 2: "us-east-1b"} {
			ec2.Subnets.Put(tx, ec2.Subnet{Key: scope.Key(fmt.Sprintf("subnet-%d", n)), Spec: ec2.SubnetSpec{
				VPCID: "vpc-1", Zone: zone, CIDR: netip.PrefixFrom(netip.AddrFrom4([4]byte{127, second, n, 0}), 24),
			}})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := rds.New(env)
	w := world{awsrds.NewFromConfig(servicetest.Config(t, env, s.Routes())), env, t}
	w.subnetGroup("main")
	return w
}

// run runs the controllers, and interfaces that are ready at once.
func (w world) run() world {
	w.t.Helper()
	if os.Getuid() != 0 {
		w.t.Skip("needs root")
	}
	if _, err := mysql.FindEngine(w.t.Context()); errors.Is(err, mysql.ErrMissing) {
		w.t.Skip(err)
	}
	s := rds.New(w.env)
	w.t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	servicetest.Run(w.t, w.env, append(s.Controllers(), readyInterfaces(w.env))...)
	return w
}

func (w world) subnetGroup(name string) {
	w.t.Helper()
	_, err := w.CreateDBSubnetGroup(w.t.Context(), &awsrds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: &name, DBSubnetGroupDescription: aws.String("all"), SubnetIds: []string{"subnet-1", "subnet-2"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func request(id string) *awsrds.CreateDBInstanceInput {
	return &awsrds.CreateDBInstanceInput{
		DBInstanceIdentifier: &id, Engine: aws.String("mysql"), EngineVersion: aws.String("8.0"), DBInstanceClass: aws.String("db.t3.micro"),
		AllocatedStorage: aws.Int32(20), MaxAllocatedStorage: aws.Int32(40), MasterUsername: aws.String("admin"),
		MasterUserPassword: aws.String("correct-horse"), DBName: aws.String("app"), DBSubnetGroupName: aws.String("main"),
		VpcSecurityGroupIds: []string{"sg-2"}, PreferredMaintenanceWindow: aws.String("Mon:04:00-Mon:05:00"),
		BackupRetentionPeriod: aws.Int32(7), Tags: []types.Tag{{Key: aws.String("stack"), Value: aws.String("apexai")}},
	}
}

func (w world) create(in *awsrds.CreateDBInstanceInput) *types.DBInstance {
	w.t.Helper()
	out, err := w.CreateDBInstance(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out.DBInstance
}

func (w world) describe(id string) types.DBInstance {
	w.t.Helper()
	out, err := w.DescribeDBInstances(w.t.Context(), &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.DBInstances[0]
}

// await waits until the instance is in a state.
func (w world) await(id, want string) types.DBInstance {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 60*time.Second)
	defer cancel()
	var last types.DBInstance
	err := w.env.Store.Wait(ctx, func(store.Snapshot) bool {
		last = w.describe(id)
		return *last.DBInstanceStatus == want
	})
	if err != nil {
		w.t.Fatalf("%s is %s, never %s: %+v", id, *last.DBInstanceStatus, want, last.StatusInfos)
	}
	return last
}

func (w world) instance(id string) rds.Instance {
	i, _ := rds.Instances.Get(w.env.Store.Snapshot(), scope.Key(id))
	return i
}

// query runs one query as the master user, and returns its value.
func (w world) query(id, password, query string) (string, error) {
	cfg := driver.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.DBName = "admin", password, "tcp", "app"
	cfg.Addr = fmt.Sprintf("%s:%d", w.instance(id).Spec.Address, w.instance(id).Spec.Port)
	cfg.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return "", err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var value string
	return value, db.QueryRowContext(w.t.Context(), query).Scan(&value)
}

func (w world) mustQuery(id, password, query, want string) {
	w.t.Helper()
	if got, err := w.query(id, password, query); err != nil || got != want {
		w.t.Errorf("%s: %q, %v; want %q", query, got, err, want)
	}
}

func TestInstanceLife(t *testing.T) {
	w := newWorld(t).run()
	made := w.create(request("DB-1"))
	if *made.DBInstanceStatus != "creating" || made.Endpoint != nil || *made.DBInstanceIdentifier != "db-1" {
		t.Errorf("just made: %s, endpoint %v", *made.DBInstanceStatus, made.Endpoint)
	}
	db := w.await("db-1", "available")
	name, ok := ec2.Names.Get(w.env.Store.Snapshot(), scope.Key("vpc-1/"+*db.Endpoint.Address))
	if !ok || name.Spec.Addresses[0] != w.instance("db-1").Spec.Address || *db.Endpoint.Port != 3306 {
		t.Errorf("endpoint %+v is named %+v", db.Endpoint, name)
	}
	w.mustQuery("db-1", "correct-horse", "SELECT DATABASE()", "app")
	w.mustQuery("db-1", "correct-horse", "SELECT @@max_connections", "85")

	if _, err := w.StopDBInstance(t.Context(), &awsrds.StopDBInstanceInput{DBInstanceIdentifier: aws.String("db-1")}); err != nil {
		t.Fatal(err)
	}
	w.await("db-1", "stopped")
	if _, err := w.query("db-1", "correct-horse", "SELECT 1"); err == nil {
		t.Error("a stopped instance answers")
	}
	if _, err := w.StartDBInstance(t.Context(), &awsrds.StartDBInstanceInput{DBInstanceIdentifier: aws.String("db-1")}); err != nil {
		t.Fatal(err)
	}
	w.await("db-1", "available")
	w.mustQuery("db-1", "correct-horse", "SELECT 1", "1")

	w.deleted("db-1")
	snap := w.env.Store.Snapshot()
	if _, ok := ec2.NetworkInterfaces.Get(snap, scope.Key(w.instance("db-1").Spec.InterfaceID)); ok {
		t.Error("its interface is left")
	}
	if _, ok := ec2.Names.Get(snap, scope.Key("vpc-1/"+*db.Endpoint.Address)); ok {
		t.Error("its name is left")
	}
	if _, err := os.Stat(rds.Dir(w.env.Home, *db.DbiResourceId)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory is left: %v", err)
	}
}

// deleted deletes an instance and waits until it is gone.
func (w world) deleted(id string) {
	w.t.Helper()
	out, err := w.DeleteDBInstance(w.t.Context(), &awsrds.DeleteDBInstanceInput{DBInstanceIdentifier: &id, SkipFinalSnapshot: aws.Bool(true)})
	if err != nil || *out.DBInstance.DBInstanceStatus != "deleting" {
		w.t.Fatalf("delete: %v, %v", out, err)
	}
	servicetest.Await(w.t, w.env, "deleted", func(store.Snapshot) bool {
		_, err := w.DescribeDBInstances(w.t.Context(), &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: &id})
		return servicetest.Code(err) == "DBInstanceNotFound"
	})
}

func TestManagedPassword(t *testing.T) {
	w := newWorld(t).run()
	in := request("db-1")
	in.MasterUserPassword, in.ManageMasterUserPassword = nil, aws.Bool(true)
	secret := w.create(in).MasterUserSecret
	w.await("db-1", "available")
	w.mustQuery("db-1", w.secretPassword(*secret.SecretArn), "SELECT 1", "1")
	old := w.secretPassword(*secret.SecretArn)

	_, err := w.ModifyDBInstance(t.Context(), &awsrds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String("db-1"), RotateMasterUserPassword: aws.Bool(true), ApplyImmediately: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.await("db-1", "available")
	if w.secretPassword(*secret.SecretArn) == old {
		t.Error("the password was not changed")
	}
	w.mustQuery("db-1", w.secretPassword(*secret.SecretArn), "SELECT 1", "1")
	w.deleted("db-1")
	for range secretsmanager.Secrets.Prefix(w.env.Store.Snapshot(), scope.Prefix()) {
		t.Error("its secret is left")
	}
}

func (w world) secretPassword(arn string) string {
	w.t.Helper()
	value, err := secretsmanager.Resolve(w.env.Store.Snapshot(), w.env, scope, arn)
	if err != nil {
		w.t.Fatal(err)
	}
	var content struct{ Username, Password string }
	if err := json.Unmarshal([]byte(value), &content); err != nil || content.Username != "admin" {
		w.t.Fatalf("secret of %q: %v", content.Username, err)
	}
	return content.Password
}

func TestModify(t *testing.T) {
	w := newWorld(t).run()
	w.create(request("db-1"))
	w.await("db-1", "available")
	modify := func(in *awsrds.ModifyDBInstanceInput) types.DBInstance {
		t.Helper()
		in.DBInstanceIdentifier = aws.String("db-1")
		if _, err := w.ModifyDBInstance(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		return w.await("db-1", "available")
	}
	modify(&awsrds.ModifyDBInstanceInput{MasterUserPassword: aws.String("battery-staple")})
	w.mustQuery("db-1", "battery-staple", "SELECT 1", "1")

	db := modify(&awsrds.ModifyDBInstanceInput{DBInstanceClass: aws.String("db.t3.small"), BackupRetentionPeriod: aws.Int32(3)})
	if *db.DBInstanceClass != "db.t3.micro" || *db.PendingModifiedValues.DBInstanceClass != "db.t3.small" || *db.BackupRetentionPeriod != 3 {
		t.Errorf("in the next window: class %s, pending %+v", *db.DBInstanceClass, db.PendingModifiedValues)
	}
	db = modify(&awsrds.ModifyDBInstanceInput{ApplyImmediately: aws.Bool(true), VpcSecurityGroupIds: []string{"sg-1"}})
	if *db.DBInstanceClass != "db.t3.small" || db.PendingModifiedValues.DBInstanceClass != nil || *db.VpcSecurityGroups[0].VpcSecurityGroupId != "sg-1" {
		t.Errorf("at once: class %s, pending %+v, groups %+v", *db.DBInstanceClass, db.PendingModifiedValues, db.VpcSecurityGroups)
	}
	w.mustQuery("db-1", "battery-staple", "SELECT @@max_connections", "170")
	eni, _ := ec2.NetworkInterfaces.Get(w.env.Store.Snapshot(), scope.Key(w.instance("db-1").Spec.InterfaceID))
	if eni.Spec.GroupIDs[0] != "sg-1" {
		t.Errorf("the interface's groups are %v", eni.Spec.GroupIDs)
	}
}

func TestParametersReachTheServer(t *testing.T) {
	w := newWorld(t).run()
	w.parameterGroup("tuned")
	w.setParameter("tuned", "max_connections", "33", types.ApplyMethodImmediate)
	in := request("db-1")
	in.DBParameterGroupName = aws.String("tuned")
	w.create(in)
	w.await("db-1", "available")
	w.mustQuery("db-1", "correct-horse", "SELECT @@max_connections", "33")

	w.setParameter("tuned", "wait_timeout", "77", types.ApplyMethodImmediate)
	w.setParameter("tuned", "innodb_purge_threads", "2", types.ApplyMethodPendingReboot)
	deadline := time.Now().Add(20 * time.Second)
	for got := ""; got != "77" && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		got, _ = w.query("db-1", "correct-horse", "SELECT @@GLOBAL.wait_timeout")
	}
	w.mustQuery("db-1", "correct-horse", "SELECT @@GLOBAL.wait_timeout", "77")
	w.mustQuery("db-1", "correct-horse", "SELECT @@innodb_purge_threads", "4")
	if got := *w.describe("db-1").DBParameterGroups[0].ParameterApplyStatus; got != "pending-reboot" {
		t.Errorf("apply status %s", got)
	}
	if _, err := w.RebootDBInstance(t.Context(), &awsrds.RebootDBInstanceInput{DBInstanceIdentifier: aws.String("db-1")}); err != nil {
		t.Fatal(err)
	}
	db := w.await("db-1", "available")
	w.mustQuery("db-1", "correct-horse", "SELECT @@innodb_purge_threads", "2")
	if got := *db.DBParameterGroups[0].ParameterApplyStatus; got != "in-sync" {
		t.Errorf("apply status %s", got)
	}
}
