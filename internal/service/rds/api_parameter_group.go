package rds

import (
	"context"
	"maps"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func isDefaultGroup(name string) bool { return strings.HasPrefix(name, "default.") }

func (s *Service) createParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.CreateDBParameterGroupMessage) (*rdsapi.CreateDBParameterGroupResult, error) {
	name, err := checkGroupName("DBParameterGroupName", *in.DBParameterGroupName)
	if err != nil {
		return nil, err
	}
	if _, ok := offerOfFamily(*in.DBParameterGroupFamily); !ok {
		return nil, invalid("ParameterGroupFamily %s is not a valid parameter group family", *in.DBParameterGroupFamily)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	g := ParameterGroup{Key: scopeOf(call).Key(name), Spec: ParameterGroupSpec{
		Family: *in.DBParameterGroupFamily, Description: *in.Description, Tags: tags, Values: map[string]ParameterValue{},
	}}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := ParameterGroups.Get(tx, g.Key); ok || isDefaultGroup(name) {
			return rdsapi.NewDBParameterGroupAlreadyExistsFault("Parameter group %s already exists", name)
		}
		ParameterGroups.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBParameterGroupResult{DBParameterGroup: describeParameterGroup(scopeOf(call), g)}, nil
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
	return ParameterGroup{}, rdsapi.NewDBParameterGroupNotFoundFault("DBParameterGroup not found: %s", given)
}

func defaultGroups(scope arn.Scope) (all []ParameterGroup) {
	for _, o := range offers {
		all = append(all, ParameterGroup{Key: scope.Key(o.parameterGroup()), Spec: ParameterGroupSpec{
			Family: o.family(), Description: "Default parameter group for " + o.family(),
		}})
	}
	return all
}

func (s *Service) describeParameterGroups(_ context.Context, call *api.Call, in *rdsapi.DescribeDBParameterGroupsMessage) (*rdsapi.DBParameterGroupsMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var all []ParameterGroup
	if in.DBParameterGroupName != nil {
		g, err := findParameterGroup(snap, scope, *in.DBParameterGroupName)
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
	out := &rdsapi.DBParameterGroupsMessage{Marker: marker, DBParameterGroups: []rdsapi.DBParameterGroup{}}
	for _, g := range some {
		out.DBParameterGroups = append(out.DBParameterGroups, *describeParameterGroup(scope, g))
	}
	return out, nil
}

func describeParameterGroup(scope arn.Scope, g ParameterGroup) *rdsapi.DBParameterGroup {
	return &rdsapi.DBParameterGroup{
		DBParameterGroupName: api.Ptr(g.Name()), DBParameterGroupFamily: api.Ptr(g.Spec.Family),
		Description: api.Ptr(g.Spec.Description), DBParameterGroupArn: api.Ptr(arnOf(scope, kindParameterGroup, g.Name())),
	}
}

func (s *Service) modifyParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBParameterGroupMessage) (*rdsapi.DBParameterGroupNameMessage, error) {
	more := map[string]ParameterValue{}
	for _, p := range in.Parameters {
		name, v, err := parameterValue(p)
		if err != nil {
			return nil, err
		}
		more[name] = v
	}
	return s.changeParameters(ctx, call, *in.DBParameterGroupName, func(values map[string]ParameterValue) { maps.Copy(values, more) })
}

func parameterValue(p rdsapi.Parameter) (string, ParameterValue, error) {
	name := api.Val(p.ParameterName)
	known, ok := findParameter(name)
	if !ok {
		return "", ParameterValue{}, invalid("Could not find parameter with name: %s", name)
	}
	v := ParameterValue{Value: api.Val(p.ParameterValue), Method: api.Or(p.ApplyMethod, rdsapi.ApplyMethodImmediate)}
	if known.static && v.Method == rdsapi.ApplyMethodImmediate {
		return "", v, combination("cannot use immediate apply method for static parameter: %s", name)
	}
	return name, v, known.check(v.Value)
}

func (s *Service) resetParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.ResetDBParameterGroupMessage) (*rdsapi.DBParameterGroupNameMessage, error) {
	return s.changeParameters(ctx, call, *in.DBParameterGroupName, func(values map[string]ParameterValue) {
		if api.Val(in.ResetAllParameters) {
			clear(values)
		}
		for _, p := range in.Parameters {
			delete(values, api.Val(p.ParameterName))
		}
	})
}

func (s *Service) changeParameters(ctx context.Context, call *api.Call, given string, change func(map[string]ParameterValue)) (*rdsapi.DBParameterGroupNameMessage, error) {
	var name string
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findParameterGroup(tx, scopeOf(call), given)
		if err != nil {
			return err
		}
		if name = g.Name(); isDefaultGroup(name) {
			return rdsapi.NewInvalidDBParameterGroupStateFault("Default parameter group cannot be modified: %s", name)
		}
		ParameterGroups.Modify(tx, g.Key, func(g *ParameterGroup) {
			if g.Spec.Values == nil {
				g.Spec.Values = map[string]ParameterValue{}
			}
			change(g.Spec.Values)
		})
		return nil
	})
	return &rdsapi.DBParameterGroupNameMessage{DBParameterGroupName: api.Ptr(name)}, err
}

func (s *Service) deleteParameterGroup(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBParameterGroupMessage) (*rdsapi.DeleteDBParameterGroupOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findParameterGroup(tx, scopeOf(call), *in.DBParameterGroupName)
		if err != nil {
			return err
		}
		if isDefaultGroup(g.Name()) {
			return rdsapi.NewInvalidDBParameterGroupStateFault("Default parameter group cannot be deleted: %s", g.Name())
		}
		for _, i := range Instances.Prefix(tx, scopeOf(call).Prefix()) {
			if i.Spec.ParameterGroup == g.Name() {
				return rdsapi.NewInvalidDBParameterGroupStateFault("One or more database instances are still members of this parameter group %s, so the group cannot be deleted", g.Name())
			}
		}
		ParameterGroups.Delete(tx, g.Key)
		return nil
	})
}
