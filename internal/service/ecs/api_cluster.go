package ecs

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) createCluster(ctx context.Context, call *api.Call, in *ecsapi.CreateClusterRequest) (*ecsapi.CreateClusterResponse, error) {
	scope := scopeOf(call)
	name := api.Or(in.ClusterName, defaultCluster)
	if !nameRule.MatchString(name) {
		return nil, invalid("Identifier contains invalid characters: up to 255 letters, digits, hyphens and underscores are allowed.")
	}
	spec := ClusterSpec{
		Name: name, ARN: scope.ARN("ecs", "cluster/"+name), Configuration: in.Configuration,
		ServiceConnect: in.ServiceConnectDefaults,
	}
	var err error
	if spec.Tags, err = newTags(in.Tags); err != nil {
		return nil, err
	}
	insights := settingOf(s.store.Snapshot(), scope, call.Principal.ARN, ecsapi.SettingNameContainerInsights)
	standard := []ecsapi.ClusterSetting{{Name: api.Ptr(ecsapi.ClusterSettingNameContainerInsights), Value: &insights}}
	if spec.Settings, err = mergeSettings(standard, in.Settings); err != nil {
		return nil, err
	}
	if err := setProviders(&spec, in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	var c Cluster
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if old, ok := Clusters.Get(tx, clusterKey(scope, name)); ok && !old.Spec.Inactive {
			c = old // as AWS: the one that is there is given back
			return nil
		}
		c = Cluster{Key: clusterKey(scope, name), Spec: spec}
		Clusters.Put(tx, c)
		return nil
	})
	return &ecsapi.CreateClusterResponse{Cluster: describeCluster(s.store.Snapshot(), scope, c, allFields)}, err
}

// mergeSettings lays new settings over old. containerInsights is the only one.
func mergeSettings(old, more []ecsapi.ClusterSetting) ([]ecsapi.ClusterSetting, error) {
	value := "disabled"
	for _, each := range slices.Concat(old, more) {
		if name := api.Val(each.Name); name != ecsapi.ClusterSettingNameContainerInsights {
			return nil, invalid("Invalid setting name: %s", name)
		}
		if value = api.Val(each.Value); !slices.Contains([]string{"enabled", "disabled", "enhanced"}, value) {
			return nil, invalid("Invalid value for containerInsights: %s", value)
		}
	}
	return []ecsapi.ClusterSetting{{Name: api.Ptr(ecsapi.ClusterSettingNameContainerInsights), Value: &value}}, nil
}

func (s *Service) updateCluster(ctx context.Context, call *api.Call, in *ecsapi.UpdateClusterRequest) (*ecsapi.UpdateClusterResponse, error) {
	c, err := s.changeCluster(ctx, call, in.Cluster, func(spec *ClusterSpec) (err error) {
		if in.Configuration != nil {
			spec.Configuration = in.Configuration
		}
		if in.ServiceConnectDefaults != nil {
			spec.ServiceConnect = in.ServiceConnectDefaults
		}
		spec.Settings, err = mergeSettings(spec.Settings, in.Settings)
		return err
	})
	return &ecsapi.UpdateClusterResponse{Cluster: c}, err
}

func (s *Service) updateClusterSettings(ctx context.Context, call *api.Call, in *ecsapi.UpdateClusterSettingsRequest) (*ecsapi.UpdateClusterSettingsResponse, error) {
	c, err := s.changeCluster(ctx, call, in.Cluster, func(spec *ClusterSpec) (err error) {
		spec.Settings, err = mergeSettings(spec.Settings, in.Settings)
		return err
	})
	return &ecsapi.UpdateClusterSettingsResponse{Cluster: c}, err
}

func (s *Service) putClusterCapacityProviders(ctx context.Context, call *api.Call, in *ecsapi.PutClusterCapacityProvidersRequest) (*ecsapi.PutClusterCapacityProvidersResponse, error) {
	c, err := s.changeCluster(ctx, call, in.Cluster, func(spec *ClusterSpec) error {
		return setProviders(spec, in.CapacityProviders, in.DefaultCapacityProviderStrategy)
	})
	return &ecsapi.PutClusterCapacityProvidersResponse{Cluster: c}, err
}

func (s *Service) changeCluster(ctx context.Context, call *api.Call, ref *string, change func(*ClusterSpec) error) (*ecsapi.Cluster, error) {
	scope := scopeOf(call)
	var c Cluster
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if c, err = findCluster(tx, scope, ref); err != nil {
			return err
		}
		if err := change(&c.Spec); err != nil {
			return err
		}
		Clusters.Put(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return describeCluster(s.store.Snapshot(), scope, c, allFields), nil
}

func (s *Service) deleteCluster(ctx context.Context, call *api.Call, in *ecsapi.DeleteClusterRequest) (*ecsapi.DeleteClusterResponse, error) {
	scope := scopeOf(call)
	var c Cluster
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if c, err = findCluster(tx, scope, in.Cluster); err != nil {
			return err
		}
		count := countCluster(tx, scope, c.Spec.Name)
		if count.services > 0 {
			return ecsapi.NewClusterContainsServicesException("The Cluster cannot be deleted while Services are active.")
		}
		if count.running+count.pending > 0 {
			return ecsapi.NewClusterContainsTasksException("The Cluster cannot be deleted while Tasks are active.")
		}
		c.Spec.Inactive = true
		Clusters.Put(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.DeleteClusterResponse{Cluster: describeCluster(s.store.Snapshot(), scope, c, allFields)}, nil
}

func (s *Service) describeClusters(_ context.Context, call *api.Call, in *ecsapi.DescribeClustersRequest) (*ecsapi.DescribeClustersResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	out := &ecsapi.DescribeClustersResponse{Clusters: []ecsapi.Cluster{}, Failures: []ecsapi.Failure{}}
	refs := in.Clusters
	if len(refs) == 0 {
		refs = []string{defaultCluster}
	}
	for _, ref := range refs {
		name, ok := refer(scope, "cluster", ref)
		c, known := Clusters.Get(snap, clusterKey(scope, name))
		if !ok || !known {
			out.Failures = append(out.Failures, missing(clusterARN(scope, ref)))
			continue
		}
		out.Clusters = append(out.Clusters, *describeCluster(snap, scope, c, in.Include))
	}
	return out, nil
}

func clusterARN(scope arn.Scope, ref string) string {
	if _, err := arn.Parse(ref); err == nil {
		return ref
	}
	return scope.ARN("ecs", "cluster/"+ref)
}

func (s *Service) listClusters(_ context.Context, call *api.Call, in *ecsapi.ListClustersRequest) (*ecsapi.ListClustersResponse, error) {
	var arns []string
	for _, c := range Clusters.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		if !c.Spec.Inactive {
			arns = append(arns, c.Spec.ARN)
		}
	}
	page, next, err := paged(arns, in.NextToken, in.MaxResults)
	return &ecsapi.ListClustersResponse{ClusterArns: page, NextToken: next}, err
}

// allFields are what a describe may include.
var allFields = []string{ecsapi.ClusterFieldConfigurations, ecsapi.ClusterFieldSettings, ecsapi.ClusterFieldTags}

// A clusterCount counts what is active in a cluster.
type clusterCount struct{ services, running, pending int64 }

func countCluster(r store.Reader, scope arn.Scope, name string) (n clusterCount) {
	for _, svc := range Services.Prefix(r, scope.Key(name+"/")) {
		if !svc.Spec.Deleted {
			n.services++
		}
	}
	for _, t := range Tasks.Prefix(r, scope.Key(name+"/")) {
		switch countedAs(t) {
		case statusRunning:
			n.running++
		case statusPending:
			n.pending++
		}
	}
	return n
}

func describeCluster(r store.Reader, scope arn.Scope, c Cluster, include []string) *ecsapi.Cluster {
	n := countCluster(r, scope, c.Spec.Name)
	out := &ecsapi.Cluster{
		ClusterArn: &c.Spec.ARN, ClusterName: &c.Spec.Name, Status: api.Ptr("ACTIVE"),
		RegisteredContainerInstancesCount: api.Ptr[int64](0),
		RunningTasksCount:                 &n.running, PendingTasksCount: &n.pending, ActiveServicesCount: &n.services,
		CapacityProviders: orEmpty(c.Spec.Providers), DefaultCapacityProviderStrategy: orEmpty(c.Spec.DefaultStrategy),
		Statistics: []ecsapi.KeyValuePair{}, Settings: []ecsapi.ClusterSetting{}, Tags: []ecsapi.Tag{},
	}
	if c.Spec.Inactive {
		out.Status = api.Ptr("INACTIVE")
	}
	if c.Spec.ServiceConnect != nil {
		out.ServiceConnectDefaults = &ecsapi.ClusterServiceConnectDefaults{Namespace: c.Spec.ServiceConnect.Namespace}
	}
	if slices.Contains(include, ecsapi.ClusterFieldSettings) {
		out.Settings = c.Spec.Settings
	}
	if slices.Contains(include, ecsapi.ClusterFieldConfigurations) {
		out.Configuration = c.Spec.Configuration
	}
	if slices.Contains(include, ecsapi.ClusterFieldTags) {
		out.Tags = wireTags(c.Spec.Tags)
	}
	return out
}
