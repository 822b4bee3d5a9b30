package rds

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) createEndpoint(ctx context.Context, call *api.Call, in *rdsapi.CreateDBClusterEndpointMessage) (*rdsapi.DBClusterEndpoint, error) {
	id, err := checkID(*in.DBClusterEndpointIdentifier)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	e := ClusterEndpoint{Key: scopeOf(call).Key(id), Spec: ClusterEndpointSpec{
		ResourceID: "cluster-endpoint-" + rand.Text(), Type: strings.ToUpper(*in.EndpointType), Static: in.StaticMembers, Excluded: in.ExcludedMembers, Tags: tags,
	}}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		c, err := findCluster(tx, scopeOf(call), *in.DBClusterIdentifier)
		if err != nil {
			return err
		}
		e.Spec.Cluster = c.ID()
		if _, ok := ClusterEndpoints.Get(tx, e.Key); ok {
			return rdsapi.NewDBClusterEndpointAlreadyExistsFault("DB cluster endpoint %s already exists.", id)
		}
		return putEndpoint(tx, e)
	})
	if err != nil {
		return nil, err
	}
	d := describeEndpoint(e)
	return &d, nil
}

func putEndpoint(tx *store.Tx, e ClusterEndpoint) error {
	scope, _ := arn.SplitKey(e.Key)
	switch {
	case e.Spec.Type != "READER" && e.Spec.Type != "ANY":
		return invalid("Invalid custom endpoint type: %s; want READER or ANY", e.Spec.Type)
	case len(e.Spec.Static) > 0 && len(e.Spec.Excluded) > 0:
		return combination("StaticMembers and ExcludedMembers cannot both be specified.")
	}
	c, err := findCluster(tx, scope, e.Spec.Cluster)
	if err != nil {
		return err
	}
	ClusterEndpoints.Put(tx, e)
	putClusterNames(tx, c)
	return nil
}

func findEndpoint(r store.Reader, scope arn.Scope, given string) (ClusterEndpoint, error) {
	if e, ok := ClusterEndpoints.Get(r, scope.Key(strings.ToLower(given))); ok {
		return e, nil
	}
	return ClusterEndpoint{}, rdsapi.NewDBClusterEndpointNotFoundFault("DBClusterEndpoint %s not found.", given)
}

func describeEndpoint(e ClusterEndpoint) rdsapi.DBClusterEndpoint {
	scope, id := arn.SplitKey(e.Key)
	return rdsapi.DBClusterEndpoint{
		DBClusterEndpointIdentifier: &id, DBClusterIdentifier: api.Ptr(e.Spec.Cluster), DBClusterEndpointResourceIdentifier: api.Ptr(e.Spec.ResourceID),
		DBClusterEndpointArn: api.Ptr(arnOf(scope, kindClusterEndpoint, id)), Endpoint: api.Ptr(clusterName(scope, id, "cluster-custom")), Status: api.Ptr(stateAvailable),
		EndpointType: api.Ptr("CUSTOM"), CustomEndpointType: api.Ptr(e.Spec.Type), StaticMembers: e.Spec.Static, ExcludedMembers: e.Spec.Excluded,
	}
}

func (s *Service) describeEndpoints(_ context.Context, call *api.Call, in *rdsapi.DescribeDBClusterEndpointsMessage) (*rdsapi.DBClusterEndpointMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var all []rdsapi.DBClusterEndpoint
	for _, c := range Clusters.Prefix(snap, scope.Prefix()) {
		for kind, label := range map[string]string{"WRITER": "cluster", "READER": "cluster-ro"} {
			all = append(all, rdsapi.DBClusterEndpoint{
				DBClusterIdentifier: api.Ptr(c.ID()), Endpoint: api.Ptr(clusterName(scope, c.ID(), label)), Status: api.Ptr(stateAvailable), EndpointType: api.Ptr(kind),
			})
		}
	}
	for _, e := range ClusterEndpoints.Prefix(snap, scope.Prefix()) {
		all = append(all, describeEndpoint(e))
	}
	all = slices.DeleteFunc(all, func(e rdsapi.DBClusterEndpoint) bool {
		return *e.DBClusterIdentifier != strings.ToLower(api.Or(in.DBClusterIdentifier, *e.DBClusterIdentifier)) ||
			in.DBClusterEndpointIdentifier != nil && api.Val(e.DBClusterEndpointIdentifier) != strings.ToLower(*in.DBClusterEndpointIdentifier)
	})
	all, err := filtered(all, in.Filters, func(e rdsapi.DBClusterEndpoint, name string) ([]string, bool) {
		switch name {
		case "db-cluster-endpoint-id":
			return []string{api.Val(e.DBClusterEndpointIdentifier)}, true
		case "db-cluster-endpoint-type":
			return []string{strings.ToLower(api.Val(e.EndpointType))}, true
		case "db-cluster-endpoint-custom-type":
			return []string{strings.ToLower(api.Val(e.CustomEndpointType))}, true
		case "db-cluster-endpoint-status":
			return []string{api.Val(e.Status)}, true
		}
		return nil, false
	})
	if err != nil {
		return nil, err
	}
	byName := func(e rdsapi.DBClusterEndpoint) string { return *e.Endpoint }
	slices.SortFunc(all, func(a, b rdsapi.DBClusterEndpoint) int { return strings.Compare(byName(a), byName(b)) })
	some, marker, err := page(all, byName, in.MaxRecords, in.Marker)
	return &rdsapi.DBClusterEndpointMessage{DBClusterEndpoints: append([]rdsapi.DBClusterEndpoint{}, some...), Marker: marker}, err
}

func (s *Service) modifyEndpoint(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBClusterEndpointMessage) (*rdsapi.DBClusterEndpoint, error) {
	var e ClusterEndpoint
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if e, err = findEndpoint(tx, scopeOf(call), *in.DBClusterEndpointIdentifier); err != nil {
			return err
		}
		if in.EndpointType != nil {
			e.Spec.Type = strings.ToUpper(*in.EndpointType)
		}
		if in.StaticMembers != nil {
			e.Spec.Static, e.Spec.Excluded = in.StaticMembers, nil
		}
		if in.ExcludedMembers != nil {
			e.Spec.Excluded, e.Spec.Static = in.ExcludedMembers, nil
		}
		return putEndpoint(tx, e)
	})
	if err != nil {
		return nil, err
	}
	d := describeEndpoint(e)
	return &d, nil
}

func (s *Service) deleteEndpoint(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBClusterEndpointMessage) (*rdsapi.DBClusterEndpoint, error) {
	var e ClusterEndpoint
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if e, err = findEndpoint(tx, scopeOf(call), *in.DBClusterEndpointIdentifier); err != nil {
			return err
		}
		if c, err := findCluster(tx, scopeOf(call), e.Spec.Cluster); err == nil {
			dropClusterNames(tx, c)
			defer putClusterNames(tx, c)
		}
		ClusterEndpoints.Delete(tx, e.Key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := describeEndpoint(e)
	d.Status = api.Ptr(stateDeleting)
	return &d, nil
}
