package elasticache

import (
	"context"
	"maps"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func defaultGroup(family string) string { return "default." + family }

func isDefaultGroup(name string) bool { return strings.HasPrefix(name, "default.") }

func (s *Service) createParameterGroup(ctx context.Context, call *api.Call, in *elasticacheapi.CreateCacheParameterGroupMessage) (*elasticacheapi.CreateCacheParameterGroupResult, error) {
	name, err := checkGroupName("CacheParameterGroupName", *in.CacheParameterGroupName)
	if err != nil {
		return nil, err
	}
	if !hasFamily(*in.CacheParameterGroupFamily) {
		return nil, invalid("CacheParameterGroupFamily %s is not a valid parameter group family.", *in.CacheParameterGroupFamily)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	g := ParameterGroup{Key: scopeOf(call).Key(name), Spec: ParameterGroupSpec{
		Family: *in.CacheParameterGroupFamily, Description: *in.Description, Tags: tags, Values: map[string]string{},
	}}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := ParameterGroups.Get(tx, g.Key); ok {
			return elasticacheapi.NewCacheParameterGroupAlreadyExistsFault("Parameter group %s already exists", name)
		}
		ParameterGroups.Put(tx, g)
		return nil
	})
	return &elasticacheapi.CreateCacheParameterGroupResult{CacheParameterGroup: describeParameterGroup(g)}, err
}

// findParameterGroup finds a group, the default ones included, which have no row.
func findParameterGroup(r store.Reader, scope arn.Scope, given string) (ParameterGroup, error) {
	name := strings.ToLower(given)
	if g, ok := ParameterGroups.Get(r, scope.Key(name)); ok {
		return g, nil
	}
	for _, g := range defaultGroups(scope) {
		if g.Name() == name {
			return g, nil
		}
	}
	return ParameterGroup{}, elasticacheapi.NewCacheParameterGroupNotFoundFault("CacheParameterGroup not found: %s", given)
}

func defaultGroups(scope arn.Scope) (all []ParameterGroup) {
	for _, family := range families() {
		all = append(all, ParameterGroup{Key: scope.Key(defaultGroup(family)), Spec: ParameterGroupSpec{
			Family: family, Description: "Default parameter group for " + family,
		}})
	}
	return all
}

func (s *Service) describeParameterGroups(_ context.Context, call *api.Call, in *elasticacheapi.DescribeCacheParameterGroupsMessage) (*elasticacheapi.CacheParameterGroupsMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var all []ParameterGroup
	if in.CacheParameterGroupName != nil {
		g, err := findParameterGroup(snap, scope, *in.CacheParameterGroupName)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
	} else {
		all = defaultGroups(scope)
		for _, g := range ParameterGroups.Prefix(snap, scope.Prefix()) {
			all = append(all, g)
		}
		slices.SortFunc(all, func(a, b ParameterGroup) int { return strings.Compare(a.Name(), b.Name()) })
	}
	some, marker, err := page(all, ParameterGroup.Name, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elasticacheapi.CacheParameterGroupsMessage{Marker: marker, CacheParameterGroups: []elasticacheapi.CacheParameterGroup{}}
	for _, g := range some {
		out.CacheParameterGroups = append(out.CacheParameterGroups, *describeParameterGroup(g))
	}
	return out, nil
}

func describeParameterGroup(g ParameterGroup) *elasticacheapi.CacheParameterGroup {
	scope, name := arn.SplitKey(g.Key)
	return &elasticacheapi.CacheParameterGroup{
		CacheParameterGroupName: api.Ptr(name), CacheParameterGroupFamily: api.Ptr(g.Spec.Family), Description: api.Ptr(g.Spec.Description),
		IsGlobal: api.Ptr(false), ARN: api.Ptr(scope.ARN("elasticache", kindParameterGroup+":"+name)),
	}
}

func (s *Service) modifyParameterGroup(ctx context.Context, call *api.Call, in *elasticacheapi.ModifyCacheParameterGroupMessage) (*elasticacheapi.CacheParameterGroupNameMessage, error) {
	more := map[string]string{}
	for _, p := range in.ParameterNameValues {
		name, value := api.Val(p.ParameterName), api.Val(p.ParameterValue)
		known, ok := findParameter(name)
		if !ok {
			return nil, invalid("Parameter %s not found", name)
		}
		if err := known.check(value); err != nil {
			return nil, err
		}
		more[name] = value
	}
	return s.changeParameters(ctx, call, *in.CacheParameterGroupName, func(values map[string]string) { maps.Copy(values, more) })
}

func (s *Service) resetParameterGroup(ctx context.Context, call *api.Call, in *elasticacheapi.ResetCacheParameterGroupMessage) (*elasticacheapi.CacheParameterGroupNameMessage, error) {
	return s.changeParameters(ctx, call, *in.CacheParameterGroupName, func(values map[string]string) {
		if api.Val(in.ResetAllParameters) {
			clear(values)
		}
		for _, p := range in.ParameterNameValues {
			delete(values, api.Val(p.ParameterName))
		}
	})
}

func (s *Service) changeParameters(ctx context.Context, call *api.Call, given string, change func(map[string]string)) (*elasticacheapi.CacheParameterGroupNameMessage, error) {
	var name string
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findParameterGroup(tx, scopeOf(call), given)
		if err != nil {
			return err
		}
		if name = g.Name(); isDefaultGroup(name) {
			return elasticacheapi.NewInvalidCacheParameterGroupStateFault("Default parameter group cannot be modified: %s", name)
		}
		ParameterGroups.Modify(tx, g.Key, func(g *ParameterGroup) {
			if g.Spec.Values == nil {
				g.Spec.Values = map[string]string{}
			}
			change(g.Spec.Values)
		})
		return nil
	})
	return &elasticacheapi.CacheParameterGroupNameMessage{CacheParameterGroupName: api.Ptr(name)}, err
}

func (s *Service) deleteParameterGroup(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteCacheParameterGroupMessage) (*elasticacheapi.DeleteCacheParameterGroupOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findParameterGroup(tx, scopeOf(call), *in.CacheParameterGroupName)
		if err != nil {
			return err
		}
		if isDefaultGroup(g.Name()) {
			return elasticacheapi.NewInvalidCacheParameterGroupStateFault("Default parameter group cannot be deleted: %s", g.Name())
		}
		for _, c := range Caches.Prefix(tx, scopeOf(call).Prefix()) {
			if c.Spec.ParameterGroup == g.Name() {
				return elasticacheapi.NewInvalidCacheParameterGroupStateFault("One or more cache clusters are still members of this parameter group %s, so the group cannot be deleted.", g.Name())
			}
		}
		ParameterGroups.Delete(tx, g.Key)
		return nil
	})
}

func (s *Service) describeParameters(_ context.Context, call *api.Call, in *elasticacheapi.DescribeCacheParametersMessage) (*elasticacheapi.CacheParameterGroupDetails, error) {
	g, err := findParameterGroup(s.env.Store.Snapshot(), scopeOf(call), *in.CacheParameterGroupName)
	if err != nil {
		return nil, err
	}
	var all []elasticacheapi.Parameter
	for _, p := range catalogue() {
		out := p.describe()
		if v, ok := g.Spec.Values[p.name]; ok {
			out.ParameterValue, out.Source = api.Ptr(v), api.Ptr("user")
		}
		if in.Source == nil || *in.Source == *out.Source {
			all = append(all, out)
		}
	}
	some, marker, err := page(all, parameterName, in.MaxRecords, in.Marker)
	return &elasticacheapi.CacheParameterGroupDetails{Parameters: some, Marker: marker}, err
}

func (s *Service) describeEngineDefaults(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeEngineDefaultParametersMessage) (*elasticacheapi.DescribeEngineDefaultParametersResult, error) {
	if !hasFamily(*in.CacheParameterGroupFamily) {
		return nil, invalid("Invalid CacheParameterGroupFamily: %s", *in.CacheParameterGroupFamily)
	}
	var all []elasticacheapi.Parameter
	for _, p := range catalogue() {
		all = append(all, p.describe())
	}
	some, marker, err := page(all, parameterName, in.MaxRecords, in.Marker)
	return &elasticacheapi.DescribeEngineDefaultParametersResult{EngineDefaults: &elasticacheapi.EngineDefaults{
		CacheParameterGroupFamily: in.CacheParameterGroupFamily, Parameters: some, Marker: marker,
	}}, err
}

func parameterName(p elasticacheapi.Parameter) string { return *p.ParameterName }

func (p parameter) describe() elasticacheapi.Parameter {
	out := elasticacheapi.Parameter{
		ParameterName: api.Ptr(p.name), ParameterValue: api.Ptr(p.preset), DataType: api.Ptr(p.kind), Source: api.Ptr("system"),
		IsModifiable: api.Ptr(true), ChangeType: api.Ptr(elasticacheapi.ChangeTypeImmediate), AllowedValues: api.Ptr(p.allowed),
		MinimumEngineVersion: api.Ptr("6.0.0"),
	}
	if p.reaches == "kept" {
		out.Description = api.Ptr("Kept and given back; the server is not given it.")
	}
	return out
}
