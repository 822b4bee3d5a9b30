package ecs

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/service/servicetest"
)

func TestCluster(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.client.CreateCluster(ctx, &ecs.CreateClusterInput{
		ClusterName: aws.String("main"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		Settings: []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enabled")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.client.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
		Cluster: aws.String("main"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeClusters(ctx, &ecs.DescribeClustersInput{
		Clusters: []string{"main", scope.ARN("ecs", "cluster/main"), "none"},
		Include:  []types.ClusterField{types.ClusterFieldSettings, types.ClusterFieldTags},
	})
	if err != nil || len(out.Clusters) != 2 || len(out.Failures) != 1 {
		t.Fatalf("describe: %+v, %v", out, err)
	}
	got := out.Clusters[1]
	if *got.Settings[0].Value != "enabled" || len(got.CapacityProviders) != 2 || len(got.DefaultCapacityProviderStrategy) != 1 || *got.Tags[0].Value != "v" {
		t.Errorf("got %+v", got)
	}
	_, err = w.client.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
		Cluster: aws.String("main"), CapacityProviders: []string{"mine"}, DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{},
	})
	if servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("an unknown provider: %v", err)
	}
	if _, err := w.client.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("main")}); err != nil {
		t.Fatal(err)
	}
	after, err := w.client.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{"main"}})
	if err != nil || *after.Clusters[0].Status != "INACTIVE" {
		t.Errorf("after its delete: %+v, %v", after, err)
	}
	if listed, err := w.client.ListClusters(ctx, &ecs.ListClustersInput{}); err != nil || len(listed.ClusterArns) != 0 {
		t.Errorf("list: %+v, %v", listed, err)
	}
	if _, err := w.client.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("main")}); servicetest.Code(err) != "ClusterNotFoundException" {
		t.Errorf("delete again: %v", err)
	}
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	w.cluster()
	one := w.define("web", "await 0")
	w.create("web", one, 0, nil)
	for _, name := range []string{scope.ARN("ecs", "cluster/main"), scope.ARN("ecs", "service/main/web"), one} {
		ctx := t.Context()
		_, err := w.client.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &name, Tags: []types.Tag{
			{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &name, TagKeys: []string{"a"}}); err != nil {
			t.Fatal(err)
		}
		out, err := w.client.ListTagsForResource(ctx, &ecs.ListTagsForResourceInput{ResourceArn: &name})
		if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "b" {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}
