package sqs_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"apex/internal/service/servicetest"
	"apex/internal/service/sqs"
)

// TestOlderClientsSpeakQuery calls as clients did before SQS moved to JSON: forms
// to the queue's own path, XML back.
func TestOlderClientsSpeakQuery(t *testing.T) {
	w := newWorld(t)
	base := *servicetest.Config(t, w.env, sqs.New(w.env).Routes()).BaseEndpoint
	ask := func(path string, form ...string) (int, string) {
		values := url.Values{"Version": {"2012-11-05"}}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		response, err := http.PostForm(base+path, values)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	wants := func(body string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("no %s in %s", part, body)
			}
		}
	}
	_, body := ask("/", "Action", "CreateQueue", "QueueName", "old", "Attribute.1.Name", "DelaySeconds", "Attribute.1.Value", "0", "Tag.1.Key", "a", "Tag.1.Value", "b")
	queue := "http://127.0.0.1:4566/000000000000/old"
	wants(body, "<CreateQueueResult><QueueUrl>"+queue+"</QueueUrl></CreateQueueResult>", `xmlns="http://queue.amazonaws.com/doc/2012-11-05/"`)
	_, body = ask("/000000000000/old", "Action", "SendMessageBatch", "QueueUrl", queue,
		"SendMessageBatchRequestEntry.1.Id", "one", "SendMessageBatchRequestEntry.1.MessageBody", "hello",
		"SendMessageBatchRequestEntry.1.MessageAttribute.1.Name", "k", "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType", "String",
		"SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue", "v")
	wants(body, "<SendMessageBatchResultEntry><Id>one</Id>")
	_, body = ask("/000000000000/old", "Action", "ReceiveMessage", "QueueUrl", queue, "AttributeName.1", "All", "MessageAttributeName.1", "All")
	wants(body, "<ReceiveMessageResult><Message>", "<Body>hello</Body>", "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
		"<MessageAttribute><Name>k</Name><Value><StringValue>v</StringValue>")
	_, body = ask("/000000000000/old", "Action", "GetQueueAttributes", "QueueUrl", queue, "AttributeName.1", "QueueArn")
	wants(body, "<Attribute><Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:000000000000:old</Value></Attribute>")
	_, body = ask("/000000000000/old", "Action", "ListQueueTags", "QueueUrl", queue)
	wants(body, "<Tag><Key>a</Key><Value>b</Value></Tag>")
	_, body = ask("/", "Action", "ListQueues")
	wants(body, "<ListQueuesResult><QueueUrl>"+queue+"</QueueUrl></ListQueuesResult>")
	status, body := ask("/", "Action", "GetQueueUrl", "QueueName", "none")
	if wants(body, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"); status != 400 {
		t.Errorf("status %d", status)
	}
}
