package sqs_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/service/sqs"
)

// A world is the service behind the official SDK, with a clock that tests move.
type world struct {
	*testing.T
	*sdk.Client
	env   service.Env
	clock *servicetest.Clock
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, sqs.Tables()...)
	clock := servicetest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	env.Now = clock.Now
	return &world{t, sdk.NewFromConfig(servicetest.Config(t, env, sqs.New(env).Routes())), env, clock}
}

func (w *world) queue(name string, attributes map[string]string) string {
	w.Helper()
	out, err := w.CreateQueue(w.Context(), &sdk.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		w.Fatal(err)
	}
	return *out.QueueUrl
}

func (w *world) send(url, body string, edit ...func(*sdk.SendMessageInput)) string {
	w.Helper()
	in := &sdk.SendMessageInput{QueueUrl: &url, MessageBody: &body}
	for _, e := range edit {
		e(in)
	}
	out, err := w.SendMessage(w.Context(), in)
	if err != nil {
		w.Fatal(err)
	}
	return *out.MessageId
}

func (w *world) receive(url string, most int32) []types.Message {
	w.Helper()
	out, err := w.ReceiveMessage(w.Context(), &sdk.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: most, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		w.Fatal(err)
	}
	return out.Messages
}

func bodies(messages []types.Message) (out []string) {
	for _, m := range messages {
		out = append(out, *m.Body)
	}
	return out
}

func (w *world) want(messages []types.Message, want ...string) {
	w.Helper()
	if got := fmt.Sprint(bodies(messages)); got != fmt.Sprint(want) {
		w.Errorf("received %s, want %v", got, want)
	}
}

func TestAMessageIsHiddenUntilItIsDeletedOrItsTimeIsOver(t *testing.T) {
	w := newWorld(t)
	url := w.queue("jobs", nil)
	w.send(url, "a", func(in *sdk.SendMessageInput) {
		in.MessageAttributes = map[string]types.MessageAttributeValue{
			"kind": {DataType: aws.String("String"), StringValue: aws.String("x")}, "raw": {DataType: aws.String("Binary"), BinaryValue: []byte{1}},
		}
	})
	w.send(url, "b")
	first := w.receive(url, 10)
	w.want(first, "a", "b")
	if m := first[0]; *m.MessageAttributes["kind"].StringValue != "x" || m.MessageAttributes["raw"].BinaryValue[0] != 1 ||
		m.Attributes["ApproximateReceiveCount"] != "1" || m.MD5OfMessageAttributes == nil {
		t.Errorf("message %+v", m)
	}
	w.want(w.receive(url, 10))
	_, err := w.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: first[0].ReceiptHandle})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(31 * time.Second)
	again := w.receive(url, 10)
	w.want(again, "b")
	if again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("attributes %v", again[0].Attributes)
	}
	if _, err := w.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: first[1].ReceiptHandle}); err != nil {
		t.Errorf("an old handle: %v", err)
	}
	_, err = w.ChangeMessageVisibility(t.Context(), &sdk.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: again[0].ReceiptHandle, VisibilityTimeout: 0})
	if err != nil {
		t.Fatal(err)
	}
	w.want(w.receive(url, 1), "b")
	w.clock.Advance(5 * 24 * time.Hour)
	w.want(w.receive(url, 1)) // older than four days
}

func TestDelayAndLongPoll(t *testing.T) {
	w := newWorld(t)
	w.env.Now = time.Now // waiting is real
	w.Client = sdk.NewFromConfig(servicetest.Config(t, w.env, sqs.New(w.env).Routes()))
	url := w.queue("late", map[string]string{"DelaySeconds": "1", "ReceiveMessageWaitTimeSeconds": "20"})
	begun := time.Now()
	done := make(chan []types.Message)
	go func() { done <- w.receive(url, 1) }()
	w.send(url, "a")
	w.want(<-done, "a")
	if passed := time.Since(begun); passed < 900*time.Millisecond || passed > 15*time.Second {
		t.Errorf("received after %s, want the message's delay of 1s", passed)
	}
	if out, err := w.ReceiveMessage(t.Context(), &sdk.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 1}); err != nil || len(out.Messages) != 0 {
		t.Errorf("an empty queue: %v, %v", out, err)
	}
}

func TestFIFOKeepsTheOrderOfGroupsAndTakesOnce(t *testing.T) {
	w := newWorld(t)
	url := w.queue("orders.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	group := func(name string) func(*sdk.SendMessageInput) {
		return func(in *sdk.SendMessageInput) { in.MessageGroupId = &name }
	}
	one := w.send(url, "a1", group("a"))
	if again := w.send(url, "a1", group("a")); again != one {
		t.Errorf("the same message became %s, want %s", again, one)
	}
	w.send(url, "a2", group("a"))
	w.send(url, "b1", group("b"))
	first := w.receive(url, 1)
	w.want(first, "a1")
	second := w.receive(url, 10)
	w.want(second, "b1") // a2 waits for a1
	if _, err := w.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: first[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	w.want(w.receive(url, 10), "a2")
	w.clock.Advance(6 * time.Minute)
	if again := w.send(url, "a1", group("a")); again == one {
		t.Error("a message was taken for a repetition after more than five minutes")
	}
	_, err := w.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x")})
	if got := servicetest.Code(err); got != "MissingParameter" {
		t.Errorf("no group: %s", got)
	}
}

func TestDeadLettersAndTheWayBack(t *testing.T) {
	w := newWorld(t)
	dead := w.queue("dead", nil)
	const deadARN = "arn:aws:sqs:us-east-1:000000000000:dead"
	url := w.queue("live", map[string]string{"VisibilityTimeout": "1", "RedrivePolicy": `{"deadLetterTargetArn":"` + deadARN + `","maxReceiveCount":"2"}`})
	w.send(url, "poison")
	for range 2 {
		w.want(w.receive(url, 1), "poison")
		w.clock.Advance(2 * time.Second)
	}
	w.want(w.receive(url, 1))
	found := w.receive(dead, 1)
	w.want(found, "poison")
	if got := found[0].Attributes["DeadLetterQueueSourceArn"]; got != "arn:aws:sqs:us-east-1:000000000000:live" {
		t.Errorf("source %s", got)
	}
	sources, err := w.ListDeadLetterSourceQueues(t.Context(), &sdk.ListDeadLetterSourceQueuesInput{QueueUrl: &dead})
	if err != nil || len(sources.QueueUrls) != 1 || sources.QueueUrls[0] != url {
		t.Errorf("sources %v, %v", sources, err)
	}
	if _, err := w.StartMessageMoveTask(t.Context(), &sdk.StartMessageMoveTaskInput{SourceArn: aws.String(deadARN)}); err != nil {
		t.Fatal(err)
	}
	w.want(w.receive(url, 1), "poison")
	tasks, err := w.ListMessageMoveTasks(t.Context(), &sdk.ListMessageMoveTasksInput{SourceArn: aws.String(deadARN)})
	if err != nil || tasks.Results[0].ApproximateNumberOfMessagesMoved != 1 {
		t.Errorf("tasks %v, %v", tasks, err)
	}
}

func TestAttributesAreKeptAndChecked(t *testing.T) {
	w := newWorld(t)
	url := w.queue("kept", map[string]string{"DelaySeconds": "5", "Policy": `{"Statement":[]}`})
	out, err := w.GetQueueAttributes(t.Context(), &sdk.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
		"CreatedTimestamp": "1772366400", "LastModifiedTimestamp": "1772366400", "DelaySeconds": "5", "MaximumMessageSize": "262144",
		"MessageRetentionPeriod": "345600", "Policy": `{"Statement":[]}`, "QueueArn": "arn:aws:sqs:us-east-1:000000000000:kept",
		"ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true", "VisibilityTimeout": "30",
	}
	if !maps.Equal(out.Attributes, want) {
		t.Errorf("attributes %v, want %v", out.Attributes, want)
	}
	if again := w.queue("kept", map[string]string{"DelaySeconds": "5"}); again != url {
		t.Errorf("created again: %s", again)
	}
	for code, call := range map[string]func() error{
		"QueueAlreadyExists": func() error {
			_, err := w.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("kept"), Attributes: map[string]string{"DelaySeconds": "6"}})
			return err
		},
		"InvalidAttributeValue": func() error {
			_, err := w.SetQueueAttributes(t.Context(), &sdk.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"DelaySeconds": "901"}})
			return err
		},
		"InvalidAttributeName": func() error {
			_, err := w.SetQueueAttributes(t.Context(), &sdk.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"Colour": "red"}})
			return err
		},
		"InvalidParameterValue": func() error {
			_, err := w.SetQueueAttributes(t.Context(), &sdk.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":3}`}})
			return err
		},
		"AWS.SimpleQueueService.NonExistentQueue": func() error {
			_, err := w.GetQueueUrl(t.Context(), &sdk.GetQueueUrlInput{QueueName: aws.String("none")})
			return err
		},
		"AWS.SimpleQueueService.EmptyBatchRequest": func() error {
			_, err := w.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{}})
			return err
		},
		"ReceiptHandleIsInvalid": func() error {
			_, err := w.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: aws.String("x")})
			return err
		},
	} {
		if got := servicetest.Code(call()); got != code {
			t.Errorf("got %s, want %s", got, code)
		}
	}
}

func TestTagsAndPermissions(t *testing.T) {
	w := newWorld(t)
	url := w.queue("tagged", nil)
	if _, err := w.TagQueue(t.Context(), &sdk.TagQueueInput{QueueUrl: &url, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UntagQueue(t.Context(), &sdk.UntagQueueInput{QueueUrl: &url, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := w.ListQueueTags(t.Context(), &sdk.ListQueueTagsInput{QueueUrl: &url})
	if err != nil || !maps.Equal(tags.Tags, map[string]string{"b": "2"}) {
		t.Errorf("tags %v, %v", tags, err)
	}
	_, err = w.AddPermission(t.Context(), &sdk.AddPermissionInput{QueueUrl: &url, Label: aws.String("l"), AWSAccountIds: []string{"111111111111"}, Actions: []string{"SendMessage"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemovePermission(t.Context(), &sdk.RemovePermissionInput{QueueUrl: &url, Label: aws.String("l")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.RemovePermission(t.Context(), &sdk.RemovePermissionInput{QueueUrl: &url, Label: aws.String("l")})
	if got := servicetest.Code(err); got != "InvalidParameterValue" {
		t.Errorf("removed twice: %s", got)
	}
}
