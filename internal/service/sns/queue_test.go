package sns_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	sdkqueue "github.com/aws/aws-sdk-go-v2/service/sqs"

	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/service/sns"
	"apex/internal/service/sqs"
	"apex/internal/store"
)

// TestPublishReachesQueues publishes to a queue as a document, to one as it is, and
// to one whose policy lets nobody in: that message ends in the dead-letter queue.
func TestPublishReachesQueues(t *testing.T) {
	env := servicetest.Env(t, append(sns.Tables(), sqs.Tables()...)...)
	env.Access = func(_ store.Reader, ask service.Ask) error {
		if ask.Service != "sns.amazonaws.com" || ask.Resource == "arn:aws:sqs:us-east-1:000000000000:closed" {
			return errors.New("denied")
		}
		return nil
	}
	topicService := sns.New(env)
	topics := sdk.NewFromConfig(servicetest.Config(t, env, topicService.Routes()))
	queues := sdkqueue.NewFromConfig(servicetest.Config(t, env, sqs.New(env).Routes()))
	servicetest.Run(t, env, topicService.Controllers()...)
	topic, err := topics.CreateTopic(t.Context(), &sdk.CreateTopicInput{Name: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"document", "raw", "closed", "dead"} {
		if _, err := queues.CreateQueue(t.Context(), &sdkqueue.CreateQueueInput{QueueName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	const prefix = "arn:aws:sqs:us-east-1:000000000000:"
	for name, attributes := range map[string]map[string]string{
		"document": {"FilterPolicy": `{"colour":["red"]}`}, "raw": {"RawMessageDelivery": "true"},
		"closed": {"RedrivePolicy": `{"deadLetterTargetArn":"` + prefix + `dead"}`},
	} {
		out, err := topics.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(prefix + name), Attributes: attributes})
		if err != nil || *out.SubscriptionArn == "pending confirmation" {
			t.Fatalf("subscribe %s: %v, %v", name, out, err)
		}
	}
	for _, colour := range []string{"red", "blue"} {
		_, err := topics.Publish(t.Context(), &sdk.PublishInput{
			TopicArn: topic.TopicArn, Message: &colour,
			MessageAttributes: map[string]types.MessageAttributeValue{"colour": {DataType: aws.String("String"), StringValue: &colour}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	servicetest.Await(t, env, "outbox empty", func(s store.Snapshot) bool { return sns.Deliveries.Len(s) == 0 })
	for name, want := range map[string]int{"document": 1, "raw": 2, "closed": 0, "dead": 2} {
		url := "http://127.0.0.1:4566/000000000000/" + name
		got, err := queues.ReceiveMessage(t.Context(), &sdkqueue.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
		if err != nil || len(got.Messages) != want {
			t.Fatalf("queue %s has %v, %v; want %d", name, got, err, want)
		}
		if name == "document" {
			var document struct{ Message, TopicArn string }
			if err := json.Unmarshal([]byte(*got.Messages[0].Body), &document); err != nil || document.Message != "red" || document.TopicArn != *topic.TopicArn {
				t.Errorf("%v in %s", err, *got.Messages[0].Body)
			}
		}
		if name == "raw" && *got.Messages[0].MessageAttributes["colour"].StringValue != *got.Messages[0].Body {
			t.Errorf("raw message %+v", got.Messages[0])
		}
	}
}
