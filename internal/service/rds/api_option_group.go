package rds

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func isDefaultOptions(name string) bool { return strings.HasPrefix(name, "default:") }

func (s *Service) createOptionGroup(ctx context.Context, call *api.Call, in *rdsapi.CreateOptionGroupMessage) (*rdsapi.CreateOptionGroupResult, error) {
	name, err := checkGroupName("OptionGroupName", *in.OptionGroupName)
	if err != nil {
		return nil, err
	}
	if _, _, err := findOffer(*in.EngineName, *in.MajorEngineVersion); err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	g := OptionGroup{Key: scopeOf(call).Key(name), Spec: OptionGroupSpec{
		Engine: *in.EngineName, Major: *in.MajorEngineVersion, Description: *in.OptionGroupDescription, Tags: tags,
	}}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := OptionGroups.Get(tx, g.Key); ok {
			return rdsapi.NewOptionGroupAlreadyExistsFault("An option group with name %s already exists.", name)
		}
		OptionGroups.Put(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateOptionGroupResult{OptionGroup: describeOptionGroup(scopeOf(call), g)}, nil
}

// findOptionGroup finds a group, the default ones included, which have no row.
func findOptionGroup(r store.Reader, scope arn.Scope, given string) (OptionGroup, error) {
	name := strings.ToLower(given)
	if g, ok := OptionGroups.Get(r, scope.Key(name)); ok {
		return g, nil
	}
	for _, g := range defaultOptions(scope) {
		if g.Name() == name {
			return g, nil
		}
	}
	return OptionGroup{}, rdsapi.NewOptionGroupNotFoundFault("Specified OptionGroupName: %s not found.", given)
}

func defaultOptions(scope arn.Scope) (all []OptionGroup) {
	for _, o := range offers {
		all = append(all, OptionGroup{Key: scope.Key(o.optionGroup()), Spec: OptionGroupSpec{
			Engine: o.engine, Major: o.major, Description: "Default option group for " + o.engine + " " + o.major,
		}})
	}
	return all
}

func (s *Service) describeOptionGroups(_ context.Context, call *api.Call, in *rdsapi.DescribeOptionGroupsMessage) (*rdsapi.OptionGroups, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var all []OptionGroup
	if in.OptionGroupName != nil {
		g, err := findOptionGroup(snap, scope, *in.OptionGroupName)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
	} else {
		all = defaultOptions(scope)
		for _, g := range OptionGroups.Prefix(snap, scope.Prefix()) {
			all = append(all, g)
		}
		slices.SortFunc(all, func(a, b OptionGroup) int { return strings.Compare(a.Name(), b.Name()) })
	}
	some, marker, err := page(all, OptionGroup.Name, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &rdsapi.OptionGroups{Marker: marker, OptionGroupsList: []rdsapi.OptionGroup{}}
	for _, g := range some {
		if g.Spec.Engine == api.Or(in.EngineName, g.Spec.Engine) && g.Spec.Major == api.Or(in.MajorEngineVersion, g.Spec.Major) {
			out.OptionGroupsList = append(out.OptionGroupsList, *describeOptionGroup(scope, g))
		}
	}
	return out, nil
}

func describeOptionGroup(scope arn.Scope, g OptionGroup) *rdsapi.OptionGroup {
	out := &rdsapi.OptionGroup{
		OptionGroupName: api.Ptr(g.Name()), OptionGroupDescription: api.Ptr(g.Spec.Description), EngineName: api.Ptr(g.Spec.Engine),
		MajorEngineVersion: api.Ptr(g.Spec.Major), OptionGroupArn: api.Ptr(arnOf(scope, kindOptionGroup, g.Name())),
		AllowsVpcAndNonVpcInstanceMemberships: api.Ptr(true), Options: []rdsapi.Option{},
	}
	for _, o := range g.Spec.Options {
		out.Options = append(out.Options, o.describe())
	}
	return out
}

func (s *Service) deleteOptionGroup(ctx context.Context, call *api.Call, in *rdsapi.DeleteOptionGroupMessage) (*rdsapi.DeleteOptionGroupOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findOptionGroup(tx, scopeOf(call), *in.OptionGroupName)
		if err != nil {
			return err
		}
		if isDefaultOptions(g.Name()) {
			return rdsapi.NewInvalidOptionGroupStateFault("Default option group %s cannot be deleted.", g.Name())
		}
		for _, i := range Instances.Prefix(tx, scopeOf(call).Prefix()) {
			if i.Spec.OptionGroup == g.Name() {
				return rdsapi.NewInvalidOptionGroupStateFault("The option group '%s' cannot be deleted because it is in use.", g.Name())
			}
		}
		OptionGroups.Delete(tx, g.Key)
		return nil
	})
}
