package sns

import (
	"strings"

	"apex/internal/api"
	"apex/internal/api/snsapi"
	"apex/internal/arn"
	"apex/internal/page"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// topicARN names a topic by its key.
func topicARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("sns", name)
}

// subscriptionARN names a subscription.
func subscriptionARN(s Subscription) string { return topicARN(s.Spec.Topic) + ":" + s.Spec.ID }

// keyOf returns the store key that an ARN of a topic or subscription stands for:
// what follows the service is the key's own form.
func keyOf(text string) (string, error) {
	name, err := arn.Parse(text)
	if err != nil || name.Service != "sns" {
		return "", snsapi.NewInvalidParameterException("Invalid parameter: %s is no ARN of SNS", text)
	}
	return name.Scope().Key(name.Resource), nil
}

func findTopic(r store.Reader, text string) (Topic, error) {
	key, err := keyOf(text)
	if err != nil {
		return Topic{}, err
	}
	topic, ok := Topics.Get(r, key)
	if !ok {
		return Topic{}, snsapi.NewNotFoundException("Topic does not exist")
	}
	return topic, nil
}

func findSubscription(r store.Reader, text string) (Subscription, error) {
	key, err := keyOf(text)
	if err != nil {
		return Subscription{}, err
	}
	own, ok := Subscriptions.Get(r, key)
	if !ok {
		return Subscription{}, snsapi.NewNotFoundException("Subscription does not exist")
	}
	return own, nil
}

// mine refuses to let one account touch what is another's.
func mine(call *api.Call, key string) error {
	scope, _ := arn.SplitKey(key)
	if call.Account != "" && scope.Account != call.Account {
		return snsapi.NewAuthorizationErrorException("%s belongs to another account", topicARN(key))
	}
	return nil
}

// isTopicName tells the names of topics: 1 to 256 letters, digits, - and _.
func isTopicName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return name != "" && len(name) <= 256 && strings.Trim(name, letters) == ""
}

// page cuts a list into pages of a hundred, as SNS does.
func paged[T any](all []T, key func(*T) string, token *string) ([]T, *string, error) {
	items, next, ok := page.Sorted(all, key, token, pageSize)
	if !ok {
		return nil, nil, badToken()
	}
	return items, next, nil
}

// pageSize is how many items a page of SNS holds.
const pageSize = 100

func badToken() error { return snsapi.NewInvalidParameterException("Invalid parameter: NextToken") }
