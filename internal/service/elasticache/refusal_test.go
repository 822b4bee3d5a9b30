package elasticache_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscache "github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"apex/internal/service/servicetest"
)

func TestCreateReplicationGroupRefuses(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		change func(*awscache.CreateReplicationGroupInput)
		code   string
	}{
		"token without encryption": {func(in *awscache.CreateReplicationGroupInput) { in.TransitEncryptionEnabled = nil }, "InvalidParameterCombination"},
		"short token":              {func(in *awscache.CreateReplicationGroupInput) { in.AuthToken = aws.String("short") }, "InvalidParameterValue"},
		"no subnet group":          {func(in *awscache.CreateReplicationGroupInput) { in.CacheSubnetGroupName = aws.String("none") }, "CacheSubnetGroupNotFoundFault"},
		"unknown node type":        {func(in *awscache.CreateReplicationGroupInput) { in.CacheNodeType = aws.String("cache.huge") }, "InvalidParameterValue"},
		"another engine":           {func(in *awscache.CreateReplicationGroupInput) { in.Engine = aws.String("valkey") }, "InvalidParameterValue"},
		"another family": {func(in *awscache.CreateReplicationGroupInput) {
			in.CacheParameterGroupName = aws.String("default.redis6.x")
		}, "InvalidParameterCombination"},
		"no parameter group":  {func(in *awscache.CreateReplicationGroupInput) { in.CacheParameterGroupName = aws.String("none") }, "CacheParameterGroupNotFound"},
		"shards":              {func(in *awscache.CreateReplicationGroupInput) { in.NumNodeGroups = aws.Int32(2) }, "InvalidParameterValue"},
		"fail-over to nobody": {func(in *awscache.CreateReplicationGroupInput) { in.NumCacheClusters = aws.Int32(1) }, "InvalidParameterCombination"},
		"odd window":          {func(in *awscache.CreateReplicationGroupInput) { in.PreferredMaintenanceWindow = aws.String("mon") }, "InvalidParameterValue"},
		"no such group":       {func(in *awscache.CreateReplicationGroupInput) { in.SecurityGroupIds = []string{"sg-9"} }, "InvalidGroup.NotFound"},
		"odd name":            {func(in *awscache.CreateReplicationGroupInput) { in.ReplicationGroupId = aws.String("a--b") }, "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			in := groupInput("cache")
			tt.change(in)
			if _, err := w.CreateReplicationGroup(t.Context(), in); servicetest.Code(err) != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
	if _, err := w.CreateReplicationGroup(t.Context(), groupInput("cache")); err != nil {
		t.Fatal(err)
	}
	_, err := w.CreateReplicationGroup(t.Context(), groupInput("Cache"))
	if servicetest.Code(err) != "ReplicationGroupAlreadyExists" {
		t.Errorf("a second of the name: %v", err)
	}
	_, err = w.DeleteCacheSubnetGroup(t.Context(), &awscache.DeleteCacheSubnetGroupInput{CacheSubnetGroupName: aws.String("main")})
	if servicetest.Code(err) != "CacheSubnetGroupInUse" {
		t.Errorf("delete a subnet group in use: %v", err)
	}
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	out, err := w.CreateReplicationGroup(t.Context(), groupInput("cache"))
	if err != nil {
		t.Fatal(err)
	}
	name := out.ReplicationGroup.ARN
	_, err = w.AddTagsToResource(t.Context(), &awscache.AddTagsToResourceInput{ResourceName: name, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}})
	if err != nil {
		t.Fatal(err)
	}
	left, err := w.RemoveTagsFromResource(t.Context(), &awscache.RemoveTagsFromResourceInput{ResourceName: name, TagKeys: []string{"stack"}})
	if err != nil || len(left.TagList) != 1 || *left.TagList[0].Key != "a" {
		t.Errorf("left: %+v, %v", left, err)
	}
	for _, name := range []string{"arn:aws:elasticache:us-east-1:000000000000:cluster:none", "nonsense"} {
		_, err := w.ListTagsForResource(t.Context(), &awscache.ListTagsForResourceInput{ResourceName: &name})
		if code := servicetest.Code(err); code != "CacheClusterNotFound" && code != "InvalidARN" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParametersDoNotDrift(t *testing.T) {
	w := newWorld(t)
	_, err := w.CreateCacheParameterGroup(t.Context(), &awscache.CreateCacheParameterGroupInput{
		CacheParameterGroupName: aws.String("tuned"), CacheParameterGroupFamily: aws.String("redis7"), Description: aws.String("ours"),
	})
	if err != nil {
		t.Fatal(err)
	}
	set := func(name, value string) error {
		_, err := w.ModifyCacheParameterGroup(t.Context(), &awscache.ModifyCacheParameterGroupInput{
			CacheParameterGroupName: aws.String("tuned"), ParameterNameValues: []types.ParameterNameValue{{ParameterName: &name, ParameterValue: &value}},
		})
		return err
	}
	if err := set("maxmemory-policy", "allkeys-lru"); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"maxmemory-policy": "sometimes", "timeout": "-1", "no-such": "1", "hash-max-listpack-value": "x"} {
		if code := servicetest.Code(set(name, value)); code != "InvalidParameterValue" {
			t.Errorf("%s=%s: %s", name, value, code)
		}
	}
	out, err := w.DescribeCacheParameters(t.Context(), &awscache.DescribeCacheParametersInput{CacheParameterGroupName: aws.String("tuned"), Source: aws.String("user")})
	if err != nil || len(out.Parameters) != 1 || *out.Parameters[0].ParameterValue != "allkeys-lru" {
		t.Errorf("%+v, %v", out, err)
	}
}
