package logs

import (
	"context"
	"net/url"
	"strings"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/service/s3"
	"apex/internal/store"
)

// maxSubscriptions is how many subscription filters a group may have (source:
// AWS's quotas).
const maxSubscriptions = 2

func (s *Service) putSubscriptionFilter(ctx context.Context, call *api.Call, in *logsapi.PutSubscriptionFilterRequest) (*logsapi.PutSubscriptionFilterOutput, error) {
	if _, err := parsePattern(in.FilterPattern); err != nil {
		return nil, err
	}
	if strings.ContainsAny(*in.FilterName, ":*") {
		return nil, logsapi.NewInvalidParameterException("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*", *in.FilterName)
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findStandard(tx, call, in.LogGroupName)
		if err != nil {
			return err
		}
		filter := SubscriptionFilter{Key: streamKey(group.Key, *in.FilterName), Spec: logsapi.SubscriptionFilter{
			FilterName: in.FilterName, LogGroupName: &group.Spec.Name, FilterPattern: in.FilterPattern, DestinationArn: in.DestinationArn,
			RoleArn: in.RoleArn, Distribution: api.Ptr(api.Or(in.Distribution, logsapi.DistributionByLogStream)),
			CreationTime: api.Ptr(call.Now.UnixMilli()), ApplyOnTransformedLogs: in.ApplyOnTransformedLogs, FieldSelectionCriteria: in.FieldSelectionCriteria,
		}}
		if err := checkDestination(tx, scopeOf(call), group.Key, *in.DestinationArn); err != nil {
			return err
		}
		if old, ok := SubscriptionFilters.Get(tx, filter.Key); ok {
			filter.Spec.CreationTime = old.Spec.CreationTime
		} else if len(keysOf(tx, SubscriptionFilters, group.Key)) >= maxSubscriptions {
			return logsapi.NewLimitExceededException("Resource limit exceeded.")
		}
		SubscriptionFilters.Put(tx, filter)
		return nil
	})
}

// A destination is where a subscription filter sends events: exactly one is set.
type destination struct {
	url    string // as our extension
	group  string // a key
	bucket string
	prefix string // of keys in the bucket
}

// parseDestination reads a destination. AWS's own kinds need what the region does
// not have: Kinesis, Firehose, Lambda.
func parseDestination(scope arn.Scope, text string) (d destination, ok bool) {
	if u, err := url.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return destination{url: text}, true
	}
	if name, ok := strings.CutPrefix(text, scope.ARN("logs", "log-group:")); ok {
		return destination{group: scope.Key(strings.TrimSuffix(name, ":*"))}, true
	}
	if name, ok := strings.CutPrefix(text, "arn:aws:s3:::"); ok {
		d.bucket, d.prefix, _ = strings.Cut(name, "/")
		return d, true
	}
	return d, false
}

// checkDestination refuses what nothing can be sent to, and circles of groups.
func checkDestination(r store.Reader, scope arn.Scope, from, text string) error {
	d, ok := parseDestination(scope, text)
	switch {
	case !ok:
		return logsapi.NewInvalidParameterException("destinationArn %s: the region delivers to http:// and https:// URLs, and to log groups and S3 buckets of its own by their ARNs; Kinesis, Firehose, Lambda and Destinations are not built.", text)
	case d.bucket != "":
		if _, ok := s3.Buckets.Get(r, d.bucket); !ok {
			return logsapi.NewInvalidParameterException("Could not deliver test message to specified destination: the bucket %s does not exist.", d.bucket)
		}
	case d.group != "":
		if group, ok := Groups.Get(r, d.group); !ok || group.Spec.Deleted {
			return logsapi.NewInvalidParameterException("Could not deliver test message to specified destination: the log group does not exist.")
		}
		if leadsTo(r, scope, d.group, from, map[string]bool{}) {
			return logsapi.NewInvalidParameterException("The destination leads back to the log group itself.")
		}
	}
	return nil
}

// leadsTo reports whether the events of a group come to another in the end.
func leadsTo(r store.Reader, scope arn.Scope, group, to string, seen map[string]bool) bool {
	if group == to {
		return true
	}
	seen[group] = true
	for _, filter := range SubscriptionFilters.Prefix(r, streamKey(group, "")) {
		next, _ := parseDestination(scope, api.Val(filter.Spec.DestinationArn))
		if next.group != "" && !seen[next.group] && leadsTo(r, scope, next.group, to, seen) {
			return true
		}
	}
	return false
}

func (s *Service) describeSubscriptionFilters(_ context.Context, call *api.Call, in *logsapi.DescribeSubscriptionFiltersRequest) (*logsapi.DescribeSubscriptionFiltersResponse, error) {
	snap := s.store.Snapshot()
	group, err := findGroup(snap, call, in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	all := []logsapi.SubscriptionFilter{}
	for _, filter := range SubscriptionFilters.Prefix(snap, streamKey(group.Key, api.Val(in.FilterNamePrefix))) {
		all = append(all, filter.Spec)
	}
	out := &logsapi.DescribeSubscriptionFiltersResponse{}
	out.SubscriptionFilters, out.NextToken, err = paged(all, func(f *logsapi.SubscriptionFilter) string { return *f.FilterName }, in.NextToken, api.Or(in.Limit, 50))
	return out, err
}

func (s *Service) deleteSubscriptionFilter(ctx context.Context, call *api.Call, in *logsapi.DeleteSubscriptionFilterRequest) (*logsapi.DeleteSubscriptionFilterOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, in.LogGroupName, nil)
		if err != nil {
			return err
		}
		if !SubscriptionFilters.Delete(tx, streamKey(group.Key, *in.FilterName)) {
			return logsapi.NewResourceNotFoundException("The specified subscription filter does not exist.")
		}
		return nil
	})
}
