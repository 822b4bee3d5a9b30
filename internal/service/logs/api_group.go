package logs

import (
	"context"
	"iter"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/page"
	"apex/internal/store"
	"apex/internal/tag"
)

const standard = logsapi.LogGroupClassStandard

var (
	groupPattern  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	streamPattern = regexp.MustCompile(`^[^:*]{1,512}$`)
)

// retentions are the days that a retention may have (source: AWS's model,
// PutRetentionPolicy).
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func (s *Service) createLogGroup(ctx context.Context, call *api.Call, in *logsapi.CreateLogGroupRequest) (*logsapi.CreateLogGroupOutput, error) {
	name := *in.LogGroupName
	if !groupPattern.MatchString(name) {
		return nil, logsapi.NewInvalidParameterException("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", name)
	}
	tags := tag.Tags(in.Tags)
	if err := tags.Validate(); err != nil {
		return nil, logsapi.NewInvalidParameterException("%v", err)
	}
	key := scopeOf(call).Key(name)
	if err := s.settled(ctx, groupDeleting(key)); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Groups.Get(tx, key); ok {
			return logsapi.NewResourceAlreadyExistsException("The specified log group already exists")
		}
		Groups.Put(tx, Group{Key: key, Spec: GroupSpec{
			Name: name, Created: call.Now, Class: api.Or(in.LogGroupClass, standard), KMSKeyID: api.Val(in.KmsKeyId),
			Protected: api.Val(in.DeletionProtectionEnabled), Tags: tags,
		}})
		return nil
	})
}

func groupDeleting(key string) func(store.Reader) bool {
	return func(r store.Reader) bool {
		group, ok := Groups.Get(r, key)
		return ok && group.Spec.Deleted
	}
}

// deleteLogGroup marks a group and all its streams; the controllers delete.
func (s *Service) deleteLogGroup(ctx context.Context, call *api.Call, in *logsapi.DeleteLogGroupRequest) (*logsapi.DeleteLogGroupOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, in.LogGroupName, nil)
		if err != nil {
			return err
		}
		if group.Spec.Protected {
			return logsapi.NewInvalidParameterException("The log group %s is protected from deletion.", group.Spec.Name)
		}
		for _, key := range keysOf(tx, MetricFilters, group.Key) {
			MetricFilters.Delete(tx, key)
		}
		for _, key := range keysOf(tx, SubscriptionFilters, group.Key) {
			SubscriptionFilters.Delete(tx, key)
		}
		for _, key := range keysOf(tx, Streams, group.Key) {
			Streams.Modify(tx, key, func(own *Stream) { own.Spec.Deleted = true })
		}
		Groups.Modify(tx, group.Key, func(own *Group) { own.Spec.Deleted = true })
		return nil
	})
}

func (s *Service) describeLogGroups(_ context.Context, call *api.Call, in *logsapi.DescribeLogGroupsRequest) (*logsapi.DescribeLogGroupsResponse, error) {
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return nil, logsapi.NewInvalidParameterException("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	snap, prefix := s.store.Snapshot(), scopeOf(call).Key(api.Val(in.LogGroupNamePrefix))
	all, next, ok := page.Rows(func(after string) iter.Seq2[string, Group] { return Groups.After(snap, prefix, after) }, func(g Group) bool {
		return !g.Spec.Deleted &&
			(in.LogGroupNamePattern == nil || strings.Contains(strings.ToLower(g.Spec.Name), strings.ToLower(*in.LogGroupNamePattern))) &&
			(in.LogGroupClass == nil || *in.LogGroupClass == g.Spec.Class) &&
			(in.LogGroupIdentifiers == nil || identified(g, in.LogGroupIdentifiers))
	}, in.NextToken, int(api.Or(in.Limit, 50)))
	if !ok {
		return nil, badToken()
	}
	out := &logsapi.DescribeLogGroupsResponse{LogGroups: []logsapi.LogGroup{}, NextToken: next}
	for _, group := range all {
		out.LogGroups = append(out.LogGroups, describeGroup(snap, group))
	}
	return out, nil
}

func identified(group Group, ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		return id == group.Spec.Name || strings.TrimSuffix(id, ":*") == GroupARN(group.Key)
	})
}

func describeGroup(r store.Reader, group Group) logsapi.LogGroup {
	out := logsapi.LogGroup{
		LogGroupName: &group.Spec.Name, CreationTime: api.Ptr(group.Spec.Created.UnixMilli()),
		Arn: api.Ptr(GroupARN(group.Key) + ":*"), LogGroupArn: api.Ptr(GroupARN(group.Key)),
		StoredBytes: &group.Status.Bytes, MetricFilterCount: api.Ptr(int64(len(keysOf(r, MetricFilters, group.Key)))), LogGroupClass: &group.Spec.Class,
		KmsKeyId: optional(group.Spec.KMSKeyID), DeletionProtectionEnabled: &group.Spec.Protected,
	}
	if group.Spec.Retention > 0 {
		out.RetentionInDays = api.Ptr(int64(group.Spec.Retention))
	}
	return out
}

func (s *Service) putRetentionPolicy(ctx context.Context, call *api.Call, in *logsapi.PutRetentionPolicyRequest) (*logsapi.PutRetentionPolicyOutput, error) {
	days := int(*in.RetentionInDays)
	if !slices.Contains(retentions, days) {
		return nil, logsapi.NewInvalidParameterException("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must be one of %v", days, retentions)
	}
	return nil, s.change(ctx, call, in.LogGroupName, func(own *Group) error {
		own.Spec.Retention = days
		return nil
	})
}

func (s *Service) deleteRetentionPolicy(ctx context.Context, call *api.Call, in *logsapi.DeleteRetentionPolicyRequest) (*logsapi.DeleteRetentionPolicyOutput, error) {
	return nil, s.change(ctx, call, in.LogGroupName, func(own *Group) error {
		own.Spec.Retention = 0
		return nil
	})
}

func (s *Service) putLogGroupDeletionProtection(ctx context.Context, call *api.Call, in *logsapi.PutLogGroupDeletionProtectionRequest) (*logsapi.PutLogGroupDeletionProtectionOutput, error) {
	return nil, s.change(ctx, call, in.LogGroupIdentifier, func(own *Group) error {
		own.Spec.Protected = *in.DeletionProtectionEnabled
		return nil
	})
}

// keyed returns the group that a call about an encryption key names.
func keyed(call *api.Call, name, resource *string) (*string, error) {
	if resource == nil {
		return name, nil
	}
	if name != nil {
		return nil, logsapi.NewInvalidParameterException("Exactly one of logGroupName and resourceIdentifier must be given.")
	}
	return groupFrom(call, resource)
}

func (s *Service) associateKMSKey(ctx context.Context, call *api.Call, in *logsapi.AssociateKmsKeyRequest) (*logsapi.AssociateKmsKeyOutput, error) {
	name, err := keyed(call, in.LogGroupName, in.ResourceIdentifier)
	if err != nil {
		return nil, err
	}
	return nil, s.change(ctx, call, name, func(own *Group) error {
		own.Spec.KMSKeyID = *in.KmsKeyId
		return nil
	})
}

func (s *Service) disassociateKMSKey(ctx context.Context, call *api.Call, in *logsapi.DisassociateKmsKeyRequest) (*logsapi.DisassociateKmsKeyOutput, error) {
	name, err := keyed(call, in.LogGroupName, in.ResourceIdentifier)
	if err != nil {
		return nil, err
	}
	return nil, s.change(ctx, call, name, func(own *Group) error {
		own.Spec.KMSKeyID = ""
		return nil
	})
}
