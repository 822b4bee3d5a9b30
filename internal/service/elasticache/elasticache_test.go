package elasticache_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscache "github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	goredis "github.com/redis/go-redis/v9"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/redis"
	"apex/internal/dataplane/supervisor"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/service/elasticache"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// TestMain lets the test binary stand in for apex.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		os.Exit(supervisor.Main(os.Args[2:]))
	}
	os.Exit(m.Run())
}

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

const token = "a-token-of-enough-letters"

// A world is a region with two subnets, whose addresses are on loopback so that
// servers can listen there without a namespace.
type world struct {
	*awscache.Client
	env service.Env
	t   *testing.T
}

func newWorld(t *testing.T) world {
	t.Helper()
	env := servicetest.Env(t, append(ec2.Tables(), elasticache.Tables()...)...)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env.Executable = executable
	err = env.Store.Update(t.Context(), func(tx *store.Tx) error {
		second := byte(100 + os.Getpid()%100) // another process's tests have other addresses
		ec2.VPCs.Put(tx, ec2.VPC{Key: scope.Key("vpc-1")})
		for _, id := range []string{"sg-1", "sg-2"} {
			ec2.SecurityGroups.Put(tx, ec2.SecurityGroup{Key: scope.Key(id), Spec: ec2.SecurityGroupSpec{VPCID: "vpc-1"}})
		}
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
	w := world{awscache.NewFromConfig(servicetest.Config(t, env, elasticache.New(env).Routes())), env, t}
	_, err = w.CreateCacheSubnetGroup(t.Context(), &awscache.CreateCacheSubnetGroupInput{
		CacheSubnetGroupName: aws.String("main"), CacheSubnetGroupDescription: aws.String("all"), SubnetIds: []string{"subnet-1", "subnet-2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs the controllers, and interfaces that are ready at once.
func (w world) run() world {
	w.t.Helper()
	if os.Getuid() != 0 {
		w.t.Skip("needs root")
	}
	if _, err := redis.FindEngine(w.t.Context()); errors.Is(err, redis.ErrMissing) {
		w.t.Skip(err)
	}
	s := elasticache.New(w.env)
	w.t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	servicetest.Run(w.t, w.env, append(s.Controllers(), readyInterfaces())...)
	return w
}

// readyInterfaces stands in for the VPC data plane: an interface is ready at
// once, in the namespace of the test.
func readyInterfaces() controller.Controller {
	return controller.New(controller.Spec[ec2.NetworkInterface, ec2.NetworkInterfaceStatus]{
		Name: "test/interfaces", Table: ec2.NetworkInterfaces,
		Status: func(i *ec2.NetworkInterface) *ec2.NetworkInterfaceStatus { return &i.Status },
		Reconcile: func(context.Context, store.Snapshot, string) (ec2.NetworkInterfaceStatus, error) {
			return ec2.NetworkInterfaceStatus{Ready: true}, nil
		},
	})
}

func groupInput(id string) *awscache.CreateReplicationGroupInput {
	return &awscache.CreateReplicationGroupInput{
		ReplicationGroupId: &id, ReplicationGroupDescription: aws.String("ours"), Engine: aws.String("redis"), EngineVersion: aws.String("7.0"),
		CacheNodeType: aws.String("cache.t3.micro"), CacheSubnetGroupName: aws.String("main"), SecurityGroupIds: []string{"sg-1"},
		NumCacheClusters: aws.Int32(2), AutomaticFailoverEnabled: aws.Bool(true), TransitEncryptionEnabled: aws.Bool(true),
		AtRestEncryptionEnabled: aws.Bool(true), AuthToken: aws.String(token), PreferredMaintenanceWindow: aws.String("Mon:05:00-Mon:07:00"),
		Tags: []types.Tag{{Key: aws.String("stack"), Value: aws.String("apexai")}},
	}
}

func (w world) group(id string) types.ReplicationGroup {
	w.t.Helper()
	out, err := w.DescribeReplicationGroups(w.t.Context(), &awscache.DescribeReplicationGroupsInput{ReplicationGroupId: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.ReplicationGroups[0]
}

func (w world) create(in *awscache.CreateReplicationGroupInput) types.ReplicationGroup {
	w.t.Helper()
	if _, err := w.CreateReplicationGroup(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
	return w.available(*in.ReplicationGroupId)
}

func (w world) available(id string) types.ReplicationGroup {
	w.t.Helper()
	servicetest.Await(w.t, w.env, id+" is available", func(store.Snapshot) bool { return *w.group(id).Status == "available" })
	return w.group(id)
}

func (w world) cache(kind, id string) elasticache.Cache {
	c, _ := elasticache.Caches.Get(w.env.Store.Snapshot(), scope.Key(kind+":"+id))
	return c
}

// client connects as a client does that has looked the endpoint's name up.
func (w world) client(name, password string) *goredis.Client {
	w.t.Helper()
	row, ok := ec2.Names.Get(w.env.Store.Snapshot(), scope.Key("vpc-1/"+name))
	if !ok {
		w.t.Fatalf("%s does not resolve", name)
	}
	c := goredis.NewClient(&goredis.Options{Addr: row.Spec.Addresses[0].String() + ":6379", Password: password, MaxRetries: -1})
	w.t.Cleanup(func() { c.Close() })
	return c
}

func (w world) mustPing(name, password string) {
	w.t.Helper()
	if err := w.client(name, password).Ping(w.t.Context()).Err(); err != nil {
		w.t.Errorf("%s: %v", name, err)
	}
}

func TestReplicationGroupLife(t *testing.T) {
	w := newWorld(t).run()
	g := w.create(groupInput("cache"))
	shard := g.NodeGroups[0]
	for _, name := range []string{*shard.PrimaryEndpoint.Address, *shard.ReaderEndpoint.Address, *shard.NodeGroupMembers[1].ReadEndpoint.Address} {
		w.mustPing(name, token)
	}
	if err := w.client(*shard.PrimaryEndpoint.Address, "").Ping(t.Context()).Err(); err == nil {
		t.Error("it admits without the token")
	}
	if len(g.MemberClusters) != 2 || !*g.AuthTokenEnabled || g.AutomaticFailover != types.AutomaticFailoverStatusEnabled {
		t.Errorf("group %+v", g)
	}
	clusters, err := w.DescribeCacheClusters(t.Context(), &awscache.DescribeCacheClustersInput{
		CacheClusterId: aws.String("cache-001"), ShowCacheNodeInfo: aws.Bool(true),
	})
	if err != nil || *clusters.CacheClusters[0].EngineVersion != "7.0.7" || len(clusters.CacheClusters[0].CacheNodes) != 1 {
		t.Errorf("members: %+v, %v", clusters, err)
	}
	if _, err := w.DeleteReplicationGroup(t.Context(), &awscache.DeleteReplicationGroupInput{ReplicationGroupId: aws.String("cache")}); err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "deleted", func(snap store.Snapshot) bool {
		_, err := w.DescribeReplicationGroups(t.Context(), &awscache.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String("cache")})
		return servicetest.Code(err) == "ReplicationGroupNotFoundFault"
	})
	for key := range ec2.Names.All(w.env.Store.Snapshot()) {
		t.Errorf("name %s is left", key)
	}
	for key := range ec2.NetworkInterfaces.All(w.env.Store.Snapshot()) {
		t.Errorf("interface %s is left", key)
	}
	if _, err := os.Stat(elasticache.Dir(w.env.Home, *g.ARN)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory is left: %v", err)
	}
}

func TestRotateToken(t *testing.T) {
	w := newWorld(t).run()
	g := w.create(groupInput("cache"))
	name := *g.NodeGroups[0].PrimaryEndpoint.Address
	const next = "another-token-as-long"
	for _, step := range []struct {
		strategy types.AuthTokenUpdateStrategyType
		old, new bool
	}{{types.AuthTokenUpdateStrategyTypeRotate, true, true}, {types.AuthTokenUpdateStrategyTypeSet, false, true}} {
		_, err := w.ModifyReplicationGroup(t.Context(), &awscache.ModifyReplicationGroupInput{
			ReplicationGroupId: aws.String("cache"), AuthToken: aws.String(next), AuthTokenUpdateStrategy: step.strategy, ApplyImmediately: aws.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.available("cache")
		for password, good := range map[string]bool{token: step.old, next: step.new} {
			if err := w.client(name, password).Ping(t.Context()).Err(); (err == nil) != good {
				t.Errorf("after %s, %s: %v", step.strategy, password, err)
			}
		}
	}
}

func TestModify(t *testing.T) {
	w := newWorld(t).run()
	w.create(groupInput("cache"))
	_, err := w.CreateCacheParameterGroup(t.Context(), &awscache.CreateCacheParameterGroupInput{
		CacheParameterGroupName: aws.String("tuned"), CacheParameterGroupFamily: aws.String("redis7"), Description: aws.String("ours"),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ModifyReplicationGroup(t.Context(), &awscache.ModifyReplicationGroupInput{
		ReplicationGroupId: aws.String("cache"), CacheNodeType: aws.String("cache.t3.small"), CacheParameterGroupName: aws.String("tuned"),
		SecurityGroupIds: []string{"sg-2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if g := w.available("cache"); *g.CacheNodeType != "cache.t3.micro" {
		t.Errorf("the node type changed before the window: %s", *g.CacheNodeType)
	}
	if got := w.setting("cache", "maxmemory"); got != fmt.Sprint(512*1024*1024/100*75) {
		t.Errorf("maxmemory %s", got)
	}
	_, err = w.ModifyCacheParameterGroup(t.Context(), &awscache.ModifyCacheParameterGroupInput{
		CacheParameterGroupName: aws.String("tuned"), ParameterNameValues: []types.ParameterNameValue{
			{ParameterName: aws.String("maxmemory-policy"), ParameterValue: aws.String("allkeys-lfu")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for w.setting("cache", "maxmemory-policy") != "allkeys-lfu" {
		if time.Now().After(deadline) {
			t.Fatal("the parameter did not reach the server")
		}
		time.Sleep(5 * time.Millisecond)
	}
	eni, _ := ec2.NetworkInterfaces.Get(w.env.Store.Snapshot(), scope.Key(w.cache("replicationgroup", "cache").Spec.InterfaceID))
	if eni.Spec.GroupIDs[0] != "sg-2" {
		t.Errorf("the interface's groups are %v", eni.Spec.GroupIDs)
	}
}

// setting asks the server as its administrator: clients may not see settings.
func (w world) setting(id, name string) string {
	w.t.Helper()
	cmd, err := redis.ShellCommand(elasticache.Dir(w.env.Home, w.cache("replicationgroup", id).ARN()), "--raw", "CONFIG", "GET", name)
	if err != nil {
		w.t.Skip(err)
	}
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatal(err)
	}
	var got, value string
	if _, err := fmt.Sscan(string(out), &got, &value); err != nil {
		w.t.Fatalf("%q: %v", out, err)
	}
	return value
}

func TestClusterLife(t *testing.T) {
	w := newWorld(t).run()
	_, err := w.CreateCacheCluster(t.Context(), &awscache.CreateCacheClusterInput{
		CacheClusterId: aws.String("Alone"), Engine: aws.String("redis"), NumCacheNodes: aws.Int32(1),
		CacheNodeType: aws.String("cache.t3.micro"), CacheSubnetGroupName: aws.String("main"),
	})
	if err != nil {
		t.Fatal(err)
	}
	describe := func() types.CacheCluster {
		out, err := w.DescribeCacheClusters(t.Context(), &awscache.DescribeCacheClustersInput{
			CacheClusterId: aws.String("alone"), ShowCacheNodeInfo: aws.Bool(true),
		})
		if err != nil {
			return types.CacheCluster{CacheClusterStatus: aws.String(servicetest.Code(err))}
		}
		return out.CacheClusters[0]
	}
	servicetest.Await(t, w.env, "available", func(store.Snapshot) bool { return *describe().CacheClusterStatus == "available" })
	w.mustPing(*describe().CacheNodes[0].Endpoint.Address, "")
	_, err = w.RebootCacheCluster(t.Context(), &awscache.RebootCacheClusterInput{CacheClusterId: aws.String("alone"), CacheNodeIdsToReboot: []string{"0001"}})
	if err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "rebooted", func(store.Snapshot) bool { return *describe().CacheClusterStatus == "available" })
	if _, err := w.DeleteCacheCluster(t.Context(), &awscache.DeleteCacheClusterInput{CacheClusterId: aws.String("alone")}); err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "deleted", func(store.Snapshot) bool { return *describe().CacheClusterStatus == "CacheClusterNotFound" })
}
