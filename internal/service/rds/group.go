package rds

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// A groupKind is one of the two kinds of parameter groups: of instances, and of
// clusters. Both work alike.
type groupKind struct {
	table   *store.Table[ParameterGroup]
	member  string // of the requests, that names a group
	missing func(format string, args ...any) *api.Error
	// users names what has the group, where anything has.
	users func(r store.Reader, scope arn.Scope, group string) []string
}

var (
	instanceGroups = groupKind{ParameterGroups, "DBParameterGroupName", rdsapi.NewDBParameterGroupNotFoundFault, func(r store.Reader, scope arn.Scope, group string) (ids []string) {
		for _, i := range Instances.Prefix(r, scope.Prefix()) {
			if i.Spec.ParameterGroup == group {
				ids = append(ids, i.ID())
			}
		}
		return ids
	}}
	clusterGroups = groupKind{ClusterParameterGroups, "DBClusterParameterGroupName", rdsapi.NewDBParameterGroupNotFoundFault, func(r store.Reader, scope arn.Scope, group string) (ids []string) {
		for _, c := range Clusters.Prefix(r, scope.Prefix()) {
			if c.Spec.ParameterGroup == group {
				ids = append(ids, c.ID())
			}
		}
		return ids
	}}
)

var parameterName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,254}$`)

func isDefaultGroup(name string) bool { return strings.HasPrefix(name, "default.") }

// A groupRequest is what the creation of both kinds of groups has in common.
type groupRequest struct {
	name, family, description string
	tags                      []rdsapi.Tag
	values                    map[string]ParameterValue
}

func (s *Service) createGroup(ctx context.Context, call *api.Call, kind groupKind, in groupRequest) (ParameterGroup, error) {
	name, err := checkGroupName(kind.member, in.name)
	if err != nil {
		return ParameterGroup{}, err
	}
	if !isFamily(in.family) {
		return ParameterGroup{}, invalid("ParameterGroupFamily %s is not a valid parameter group family", in.family)
	}
	tags, err := tagsOf(in.tags)
	if err != nil {
		return ParameterGroup{}, err
	}
	g := ParameterGroup{Key: scopeOf(call).Key(name), Spec: ParameterGroupSpec{
		Family: in.family, Description: in.description, Tags: tags, Values: maps.Clone(in.values),
	}}
	return g, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := kind.table.Get(tx, g.Key); ok || isDefaultGroup(name) {
			return rdsapi.NewDBParameterGroupAlreadyExistsFault("Parameter group %s already exists", name)
		}
		kind.table.Put(tx, g)
		return nil
	})
}

func (s *Service) copyGroup(ctx context.Context, call *api.Call, kind groupKind, source, target, description string, tags []rdsapi.Tag) (ParameterGroup, error) {
	if _, key, ok := resource(source); ok {
		source = idOf(key)
	}
	g, err := kind.find(s.env.Store.Snapshot(), scopeOf(call), source)
	if err != nil {
		return g, err
	}
	return s.createGroup(ctx, call, kind, groupRequest{target, g.Spec.Family, description, tags, g.Spec.Values})
}

// find finds a group, the default ones included, which have no row.
func (k groupKind) find(r store.Reader, scope arn.Scope, given string) (ParameterGroup, error) {
	name := strings.ToLower(given)
	if g, ok := k.table.Get(r, scope.Key(name)); ok {
		return g, nil
	}
	for _, g := range defaultGroups(scope) {
		if g.Name() == name {
			return g, nil
		}
	}
	return ParameterGroup{}, k.missing("DBParameterGroup not found: %s", given)
}

// list returns one page of the groups, or the one that is asked for.
func (k groupKind) list(r store.Reader, scope arn.Scope, given *string, maxRecords *int64, marker *string) ([]ParameterGroup, *string, error) {
	var all []ParameterGroup
	if given != nil {
		g, err := k.find(r, scope, *given)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, g)
	} else {
		all = defaultGroups(scope)
		for _, g := range k.table.Prefix(r, scope.Prefix()) {
			all = append(all, g)
		}
		slices.SortFunc(all, func(a, b ParameterGroup) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return page(all, ParameterGroup.Name, maxRecords, marker)
}

func findParameterGroup(r store.Reader, scope arn.Scope, given string) (ParameterGroup, error) {
	return instanceGroups.find(r, scope, given)
}

// defaultGroups are those of every family that an engine of ours has.
func defaultGroups(scope arn.Scope) (all []ParameterGroup) {
	for _, o := range offers {
		all = append(all, ParameterGroup{Key: scope.Key(o.parameterGroup()), Spec: ParameterGroupSpec{
			Family: o.family(), Description: "Default parameter group for " + o.family(),
		}})
	}
	return all
}

// setParameters sets parameters of a group.
func (s *Service) setParameters(ctx context.Context, call *api.Call, kind groupKind, given string, parameters []rdsapi.Parameter) (string, error) {
	return s.changeParameters(ctx, call, kind, given, func(spec *ParameterGroupSpec) error {
		for _, p := range parameters {
			name, v, err := parameterValue(spec.Family, p)
			if err != nil {
				return err
			}
			spec.Values[name] = v
		}
		return nil
	})
}

// parameterValue checks a value. The parameters of engines that do not run here
// are kept as they come.
func parameterValue(family string, p rdsapi.Parameter) (string, ParameterValue, error) {
	name := api.Val(p.ParameterName)
	v := ParameterValue{Value: api.Val(p.ParameterValue), Method: api.Or(p.ApplyMethod, rdsapi.ApplyMethodImmediate)}
	known, ok := findParameter(name)
	switch {
	case !ok && !isServed(family) && parameterName.MatchString(name):
		return name, v, nil
	case !ok:
		return "", v, invalid("Could not find parameter with name: %s", name)
	case known.static && v.Method == rdsapi.ApplyMethodImmediate && isServed(family):
		return "", v, combination("cannot use immediate apply method for static parameter: %s", name)
	case !isServed(family):
		return name, v, nil
	}
	return name, v, known.check(v.Value)
}

// resetParameters takes parameters of a group back to the engine's defaults.
func (s *Service) resetParameters(ctx context.Context, call *api.Call, kind groupKind, given string, all *bool, parameters []rdsapi.Parameter) (string, error) {
	return s.changeParameters(ctx, call, kind, given, func(spec *ParameterGroupSpec) error {
		if api.Val(all) {
			clear(spec.Values)
		}
		for _, p := range parameters {
			delete(spec.Values, api.Val(p.ParameterName))
		}
		return nil
	})
}

func (s *Service) changeParameters(ctx context.Context, call *api.Call, kind groupKind, given string, change func(*ParameterGroupSpec) error) (string, error) {
	var name string
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := kind.find(tx, scopeOf(call), given)
		if err != nil {
			return err
		}
		if name = g.Name(); isDefaultGroup(name) {
			return rdsapi.NewInvalidDBParameterGroupStateFault("Default parameter group cannot be modified: %s", name)
		}
		if g.Spec.Values = maps.Clone(g.Spec.Values); g.Spec.Values == nil {
			g.Spec.Values = map[string]ParameterValue{}
		}
		if err := change(&g.Spec); err != nil {
			return err
		}
		kind.table.Put(tx, g)
		return nil
	})
	return name, err
}

func (s *Service) deleteGroup(ctx context.Context, call *api.Call, kind groupKind, given string) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := kind.find(tx, scopeOf(call), given)
		if err != nil {
			return err
		}
		if isDefaultGroup(g.Name()) {
			return rdsapi.NewInvalidDBParameterGroupStateFault("Default parameter group cannot be deleted: %s", g.Name())
		}
		if users := kind.users(tx, scopeOf(call), g.Name()); len(users) > 0 {
			return rdsapi.NewInvalidDBParameterGroupStateFault("One or more database instances are still members of this parameter group %s, so the group cannot be deleted", g.Name())
		}
		kind.table.Delete(tx, g.Key)
		return nil
	})
}

// parameters returns one page of a group's parameters: those of the engine, and
// what else is set.
func (k groupKind) parameters(r store.Reader, scope arn.Scope, given string, source *string, maxRecords *int64, marker *string) ([]rdsapi.Parameter, *string, error) {
	g, err := k.find(r, scope, given)
	if err != nil {
		return nil, nil, err
	}
	var all []rdsapi.Parameter
	add := func(p parameter) {
		out := p.describe()
		if v, ok := g.Spec.Values[p.name]; ok {
			out.ParameterValue, out.Source, out.ApplyMethod = api.Ptr(v.Value), api.Ptr(sourceUser), api.Ptr(v.Method)
		}
		if *out.Source == api.Or(source, *out.Source) {
			all = append(all, out)
		}
	}
	if isServed(g.Spec.Family) {
		for _, p := range catalogue() {
			add(p)
		}
	} else {
		for name := range g.Spec.Values {
			add(parameter{name: name, kind: "string", reaches: "kept"})
		}
		slices.SortFunc(all, func(a, b rdsapi.Parameter) int { return strings.Compare(*a.ParameterName, *b.ParameterName) })
	}
	return page(all, func(p rdsapi.Parameter) string { return *p.ParameterName }, maxRecords, marker)
}
