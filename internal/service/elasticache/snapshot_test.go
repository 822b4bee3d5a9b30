package elasticache_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscache "github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func (w world) snapshotDone(name string) types.Snapshot {
	w.t.Helper()
	var got types.Snapshot
	servicetest.Await(w.t, w.env, name+" is available", func(store.Snapshot) bool {
		out, err := w.DescribeSnapshots(w.t.Context(), &awscache.DescribeSnapshotsInput{SnapshotName: &name})
		if err != nil {
			return false
		}
		got = out.Snapshots[0]
		return *got.SnapshotStatus == "available"
	})
	return got
}

// kept is what the primary of a group has under the name "kept".
func (w world) kept(g types.ReplicationGroup) string {
	w.t.Helper()
	got, err := w.client(*g.NodeGroups[0].PrimaryEndpoint.Address, token).Get(w.t.Context(), "kept").Result()
	if err != nil {
		w.t.Error(err)
	}
	return got
}

func TestSnapshotAndRestore(t *testing.T) {
	w := newWorld(t).run()
	g := w.create(groupInput("cache"))
	c := w.client(*g.NodeGroups[0].PrimaryEndpoint.Address, token)
	set := func(value string) {
		t.Helper()
		if err := c.Set(t.Context(), "kept", value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	set("1")
	if _, err := w.CreateSnapshot(t.Context(), &awscache.CreateSnapshotInput{ReplicationGroupId: aws.String("cache"), SnapshotName: aws.String("first")}); err != nil {
		t.Fatal(err)
	}
	first := w.snapshotDone("first")
	if *first.ReplicationGroupId != "cache" || *first.SnapshotSource != "manual" || len(first.NodeSnapshots) != 1 || *first.NodeSnapshots[0].CacheSize != "1 MB" {
		t.Errorf("snapshot %+v", first)
	}
	set("2")
	if _, err := w.CopySnapshot(t.Context(), &awscache.CopySnapshotInput{SourceSnapshotName: aws.String("first"), TargetSnapshotName: aws.String("second")}); err != nil {
		t.Fatal(err)
	}
	w.snapshotDone("second")
	if _, err := w.DeleteSnapshot(t.Context(), &awscache.DeleteSnapshotInput{SnapshotName: aws.String("first")}); err != nil {
		t.Fatal(err)
	}
	_, err := w.DeleteReplicationGroup(t.Context(), &awscache.DeleteReplicationGroupInput{ReplicationGroupId: aws.String("cache"), FinalSnapshotIdentifier: aws.String("last")})
	if err != nil {
		t.Fatal(err)
	}
	w.snapshotDone("last")
	for name, want := range map[string]string{"second": "1", "last": "2"} {
		in := groupInput("of-" + name)
		in.SnapshotName = aws.String(name)
		if got := w.kept(w.create(in)); got != want {
			t.Errorf("restored from %s: %q, want %q", name, got, want)
		}
	}
	in := groupInput("of-none")
	in.SnapshotName = aws.String("none")
	if _, err := w.CreateReplicationGroup(t.Context(), in); servicetest.Code(err) != "SnapshotNotFoundFault" {
		t.Errorf("of no snapshot: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(w.env.Home, "elasticache-snapshots")); err != nil || len(left) != 2 {
		t.Errorf("on disk: %v, %v", left, err)
	}
}

func TestFailover(t *testing.T) {
	w := newWorld(t).run()
	w.create(groupInput("cache"))
	in := &awscache.TestFailoverInput{ReplicationGroupId: aws.String("cache"), NodeGroupId: aws.String("0001")}
	if _, err := w.TestFailover(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	g := w.available("cache")
	for _, m := range g.NodeGroups[0].NodeGroupMembers {
		want := map[string]string{"cache-001": "replica", "cache-002": "primary"}[*m.CacheClusterId]
		if *m.CurrentRole != want {
			t.Errorf("%s is %s, want %s", *m.CacheClusterId, *m.CurrentRole, want)
		}
	}
	w.mustPing(*g.NodeGroups[0].PrimaryEndpoint.Address, token)
	in.NodeGroupId = aws.String("0002")
	if _, err := w.TestFailover(t.Context(), in); servicetest.Code(err) != "NodeGroupNotFoundFault" {
		t.Errorf("another shard: %v", err)
	}
}
