package xray

import (
	"context"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/xrayapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func nextRevision(old string) string {
	n, _ := strconv.Atoi(old) // none is the first
	return strconv.Itoa(n + 1)
}

func shownPolicy(p policy) *xrayapi.ResourcePolicy {
	_, name := arn.SplitKey(p.Key)
	return &xrayapi.ResourcePolicy{PolicyName: &name, PolicyDocument: &p.Document, PolicyRevisionId: &p.Revision, LastUpdatedTime: &p.Updated}
}

// keyOf returns the key that a name, or else an ARN, stands for.
func keyOf(call *api.Call, kind string, name, text *string) string {
	if name != nil {
		return scopeOf(call).Key(*name)
	}
	a, err := arn.Parse(api.Val(text))
	if err != nil {
		return ""
	}
	resource := strings.TrimPrefix(a.Resource, kind+"/")
	if kind == "group" { // whose ARN ends in an id of its own
		resource, _, _ = strings.Cut(resource, "/")
	}
	return a.Scope().Key(resource)
}

func findGroup(r store.Reader, call *api.Call, name, text *string) (Group, error) {
	g, ok := Groups.Get(r, keyOf(call, "group", name, text))
	if !ok {
		return g, invalid("Group not found")
	}
	return g, nil
}

func (s *Service) createGroup(ctx context.Context, call *api.Call, in *xrayapi.CreateGroupRequest) (*xrayapi.CreateGroupResult, error) {
	if _, err := parseFilter(api.Val(in.FilterExpression)); err != nil {
		return nil, invalid("%v", err)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	key := scopeOf(call).Key(*in.GroupName)
	g := Group{Key: key, Tags: tags, Spec: xrayapi.Group{
		GroupName: in.GroupName, GroupARN: api.Ptr(scopeOf(call).ARN("xray", "group/"+*in.GroupName+"/"+strings.ToUpper(hexOf(key)))),
		FilterExpression: in.FilterExpression, InsightsConfiguration: insights(in.InsightsConfiguration),
	}}
	return &xrayapi.CreateGroupResult{Group: &g.Spec}, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, there := Groups.Get(tx, key); there {
			return invalid("A group with this name already exists.")
		}
		Groups.Put(tx, g)
		return nil
	})
}

// insights fills what is off by default.
func insights(in *xrayapi.InsightsConfiguration) *xrayapi.InsightsConfiguration {
	out := xrayapi.InsightsConfiguration{InsightsEnabled: api.Ptr(false), NotificationsEnabled: api.Ptr(false)}
	if in != nil {
		out.InsightsEnabled = api.Ptr(api.Val(in.InsightsEnabled))
		out.NotificationsEnabled = api.Ptr(api.Val(in.NotificationsEnabled))
	}
	return &out
}

func (s *Service) getGroup(_ context.Context, call *api.Call, in *xrayapi.GetGroupRequest) (*xrayapi.GetGroupResult, error) {
	g, err := findGroup(s.store.Snapshot(), call, in.GroupName, in.GroupARN)
	return &xrayapi.GetGroupResult{Group: &g.Spec}, err
}

func (s *Service) getGroups(_ context.Context, call *api.Call, _ *xrayapi.GetGroupsRequest) (*xrayapi.GetGroupsResult, error) {
	out := &xrayapi.GetGroupsResult{Groups: []xrayapi.GroupSummary{}}
	for _, g := range Groups.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		out.Groups = append(out.Groups, xrayapi.GroupSummary(g.Spec))
	}
	return out, nil
}

func (s *Service) updateGroup(ctx context.Context, call *api.Call, in *xrayapi.UpdateGroupRequest) (*xrayapi.UpdateGroupResult, error) {
	if _, err := parseFilter(api.Val(in.FilterExpression)); err != nil {
		return nil, invalid("%v", err)
	}
	out := &xrayapi.UpdateGroupResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, call, in.GroupName, in.GroupARN)
		if err != nil {
			return err
		}
		if in.FilterExpression != nil {
			g.Spec.FilterExpression = in.FilterExpression
		}
		if in.InsightsConfiguration != nil {
			g.Spec.InsightsConfiguration = insights(in.InsightsConfiguration)
		}
		Groups.Put(tx, g)
		out.Group = &g.Spec
		return nil
	})
}

func (s *Service) deleteGroup(ctx context.Context, call *api.Call, in *xrayapi.DeleteGroupRequest) (*xrayapi.DeleteGroupResult, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, call, in.GroupName, in.GroupARN)
		if err == nil {
			Groups.Delete(tx, g.Key)
		}
		return err
	})
}

func tagsOf(in []xrayapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[*t.Key] = *t.Value
	}
	if err := tags.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return tags, nil
}
