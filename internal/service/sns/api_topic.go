package sns

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/snsapi"
	"apex/internal/arn"
	"apex/internal/page"
	"apex/internal/store"
	"apex/internal/tag"
)

// kept are the attributes of a topic that can be set. Those that no data plane
// acts on are given back.
var kept = []string{
	"Policy", "DisplayName", "DeliveryPolicy", "SignatureVersion", "KmsMasterKeyId", "TracingConfig",
	"HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate", "HTTPFailureFeedbackRoleArn",
	"SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate", "SQSFailureFeedbackRoleArn",
	"LambdaSuccessFeedbackRoleArn", "LambdaSuccessFeedbackSampleRate", "LambdaFailureFeedbackRoleArn",
	"FirehoseSuccessFeedbackRoleArn", "FirehoseSuccessFeedbackSampleRate", "FirehoseFailureFeedbackRoleArn",
	"ApplicationSuccessFeedbackRoleArn", "ApplicationSuccessFeedbackSampleRate", "ApplicationFailureFeedbackRoleArn",
}

func (s *Service) createTopic(ctx context.Context, call *api.Call, in *snsapi.CreateTopicInput) (*snsapi.CreateTopicResponse, error) {
	name := *in.Name
	switch {
	case strings.HasSuffix(name, ".fifo") || in.Attributes["FifoTopic"] == "true":
		return nil, snsapi.NewInvalidParameterException("Invalid parameter: FIFO topics are not built")
	case !isTopicName(name):
		return nil, snsapi.NewInvalidParameterException("Invalid parameter: Topic Name")
	case in.DataProtectionPolicy != nil:
		return nil, snsapi.NewInvalidParameterException("Invalid parameter: data protection policies are not built")
	}
	attributes := maps.Clone(in.Attributes)
	delete(attributes, "FifoTopic")
	for attribute, value := range attributes {
		if err := checkTopicAttribute(attribute, value); err != nil {
			return nil, err
		}
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	key := scopeOf(call).Key(name)
	return &snsapi.CreateTopicResponse{TopicArn: api.Ptr(topicARN(key))}, s.store.Update(ctx, func(tx *store.Tx) error {
		if old, ok := Topics.Get(tx, key); ok { // creating what is there is no error, unless it differs
			if len(tags) > 0 && !maps.Equal(tags, old.Spec.Tags) {
				return snsapi.NewInvalidParameterException("Invalid parameter: Tags Reason: Topic already exists with different tags")
			}
			for attribute, value := range attributes {
				if old.Spec.Attributes[attribute] != value {
					return snsapi.NewInvalidParameterException("Invalid parameter: Attributes Reason: Topic already exists with different attributes")
				}
			}
			return nil
		}
		Topics.Put(tx, Topic{Key: key, Spec: TopicSpec{Name: name, Attributes: attributes, Tags: tags, Created: call.Now}})
		return nil
	})
}

func checkTopicAttribute(name, value string) error {
	bad := func(why string) error {
		return snsapi.NewInvalidParameterException("Invalid parameter: Attributes Reason: %s: %s", name, why)
	}
	switch {
	case !slices.Contains(kept, name):
		return snsapi.NewInvalidParameterException("Invalid parameter: AttributeName %s", name)
	case (name == "Policy" || name == "DeliveryPolicy") && value != "" && !json.Valid([]byte(value)):
		return bad("not JSON")
	case name == "SignatureVersion" && value != "1" && value != "2":
		return bad("want 1 or 2")
	case name == "KmsMasterKeyId" && value != "":
		return bad("server-side encryption is not built")
	case name == "DeliveryPolicy" && value != "":
		_, err := retriesOf(value)
		return err
	case name == "TracingConfig" && value != "" && value != "PassThrough":
		return bad("there is no tracing: want PassThrough")
	}
	return nil
}

func (s *Service) deleteTopic(ctx context.Context, call *api.Call, in *snsapi.DeleteTopicInput) (*snsapi.DeleteTopicOutput, error) {
	key, err := keyOf(*in.TopicArn)
	if err != nil {
		return nil, err
	}
	if err := mine(call, key); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		Topics.Delete(tx, key)
		for own := range Subscriptions.Prefix(tx, key+":") {
			Subscriptions.Delete(tx, own)
		}
		for own := range Deliveries.Prefix(tx, key+":") {
			Deliveries.Delete(tx, own)
		}
		return nil
	})
}

func (s *Service) listTopics(_ context.Context, call *api.Call, in *snsapi.ListTopicsInput) (*snsapi.ListTopicsResponse, error) {
	snap := s.store.Snapshot()
	all, next, ok := page.Rows(func(after string) iter.Seq2[string, Topic] {
		return Topics.After(snap, scopeOf(call).Prefix(), after)
	}, func(Topic) bool { return true }, in.NextToken, pageSize)
	if !ok {
		return nil, badToken()
	}
	out := &snsapi.ListTopicsResponse{Topics: []snsapi.Topic{}, NextToken: next}
	for _, topic := range all {
		out.Topics = append(out.Topics, snsapi.Topic{TopicArn: api.Ptr(topicARN(topic.Key))})
	}
	return out, nil
}

func (s *Service) getTopicAttributes(_ context.Context, call *api.Call, in *snsapi.GetTopicAttributesInput) (*snsapi.GetTopicAttributesResponse, error) {
	snap := s.store.Snapshot()
	topic, err := findTopic(snap, *in.TopicArn)
	if err != nil {
		return nil, err
	}
	confirmed, pending := 0, 0
	for _, own := range Subscriptions.Prefix(snap, topic.Key+":") {
		if own.Spec.Confirmed {
			confirmed++
		} else {
			pending++
		}
	}
	scope, _ := arn.SplitKey(topic.Key)
	out := map[string]string{
		"TopicArn": *in.TopicArn, "Owner": scope.Account, "DisplayName": "", "Policy": defaultPolicy(topic.Key),
		"SubscriptionsConfirmed": strconv.Itoa(confirmed), "SubscriptionsPending": strconv.Itoa(pending),
		"SubscriptionsDeleted":    strconv.Itoa(topic.Spec.Deleted),
		"EffectiveDeliveryPolicy": effectivePolicy(topic.Spec.Attributes["DeliveryPolicy"]),
	}
	for name, value := range topic.Spec.Attributes {
		if value != "" {
			out[name] = value
		}
	}
	return &snsapi.GetTopicAttributesResponse{Attributes: out}, nil
}

// defaultPolicy is the policy of a topic that has been given none.
func defaultPolicy(key string) string {
	scope, _ := arn.SplitKey(key)
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},` +
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],` +
		`"Resource":"` + topicARN(key) + `","Condition":{"StringEquals":{"AWS:SourceOwner":"` + scope.Account + `"}}}]}`
}

func (s *Service) setTopicAttributes(ctx context.Context, call *api.Call, in *snsapi.SetTopicAttributesInput) (*snsapi.SetTopicAttributesOutput, error) {
	name, value := *in.AttributeName, api.Val(in.AttributeValue)
	if err := checkTopicAttribute(name, value); err != nil {
		return nil, err
	}
	return nil, s.changeTopic(ctx, call, *in.TopicArn, func(spec *TopicSpec) error {
		if spec.Attributes == nil {
			spec.Attributes = map[string]string{}
		}
		spec.Attributes[name] = value
		return nil
	})
}

// changeTopic edits the topic that an ARN names.
func (s *Service) changeTopic(ctx context.Context, call *api.Call, topic string, edit func(*TopicSpec) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		own, err := findTopic(tx, topic)
		if err == nil {
			err = mine(call, own.Key)
		}
		if err != nil {
			return err
		}
		Topics.Modify(tx, own.Key, func(t *Topic) { err = edit(&t.Spec) })
		return err
	})
}

func tagsOf(in []snsapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[*t.Key] = *t.Value
	}
	if err := tags.Validate(); err != nil {
		return nil, snsapi.NewInvalidParameterException("Invalid parameter: %v", err)
	}
	return tags, nil
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *snsapi.TagResourceRequest) (*snsapi.TagResourceResponse, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.changeTopic(ctx, call, *in.ResourceArn, func(spec *TopicSpec) error {
		if spec.Tags = spec.Tags.With(more); len(spec.Tags) > tag.MaxCount {
			return snsapi.NewTagLimitExceededException("Could not complete request: tag quota of per resource exceeded")
		}
		return nil
	})
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *snsapi.UntagResourceRequest) (*snsapi.UntagResourceResponse, error) {
	return nil, s.changeTopic(ctx, call, *in.ResourceArn, func(spec *TopicSpec) error {
		spec.Tags = spec.Tags.Without(in.TagKeys...)
		return nil
	})
}

func (s *Service) listTagsForResource(_ context.Context, _ *api.Call, in *snsapi.ListTagsForResourceRequest) (*snsapi.ListTagsForResourceResponse, error) {
	topic, err := findTopic(s.store.Snapshot(), *in.ResourceArn)
	if err != nil {
		return nil, snsapi.NewResourceNotFoundException("Resource does not exist")
	}
	out := &snsapi.ListTagsForResourceResponse{Tags: []snsapi.Tag{}}
	for k, v := range topic.Spec.Tags.All() {
		out.Tags = append(out.Tags, snsapi.Tag{Key: &k, Value: &v})
	}
	return out, nil
}
