package sns_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/service/sns"
	"apex/internal/store"
)

// A world is the service, its controller, and an endpoint that keeps what it gets.
type world struct {
	*sdk.Client
	env      service.Env
	service  *sns.Service
	endpoint *httptest.Server

	mu    sync.Mutex
	got   []received
	fails int // the next so many are answered with 503
}

type received struct {
	header http.Header
	body   string
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, sns.Tables()...)
	env.Profile.AlarmPeriod = 20 * time.Millisecond // pauses between tries
	w := &world{env: env, service: sns.New(env)}
	w.Client = sdk.NewFromConfig(servicetest.Config(t, env, w.service.Routes()))
	w.endpoint = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.fails > 0 {
			w.fails--
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/gone") && r.Header.Get("x-amz-sns-message-type") == "Notification" {
			rw.WriteHeader(http.StatusNotFound)
		}
		w.got = append(w.got, received{r.Header, string(body)})
	}))
	t.Cleanup(w.endpoint.Close)
	servicetest.Run(t, env, w.service.Controllers()...)
	return w
}

// settled waits until the outbox is empty, and returns what came.
func (w *world) settled(t *testing.T) []received {
	t.Helper()
	servicetest.Await(t, w.env, "outbox empty", func(s store.Snapshot) bool { return sns.Deliveries.Len(s) == 0 })
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.got
}

func (w *world) topic(t *testing.T, name string) *string {
	t.Helper()
	out, err := w.CreateTopic(t.Context(), &sdk.CreateTopicInput{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.TopicArn
}

// subscribed subscribes the endpoint and confirms it by the message that it got.
func (w *world) subscribed(t *testing.T, topic *string, path string, attributes map[string]string) *string {
	t.Helper()
	before := len(w.settled(t))
	_, err := w.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: topic, Protocol: aws.String("http"), Endpoint: aws.String(w.endpoint.URL + path), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	got := w.settled(t)
	if len(got) != before+1 || got[before].header.Get("x-amz-sns-message-type") != "SubscriptionConfirmation" {
		t.Fatalf("no confirmation was asked for: %+v", got)
	}
	var message struct{ Token, SubscribeURL string }
	if err := json.Unmarshal([]byte(got[before].body), &message); err != nil {
		t.Fatal(err)
	}
	query, err := url.Parse(message.SubscribeURL)
	if err != nil || query.Query().Get("Token") != message.Token || query.Query().Get("Action") != "ConfirmSubscription" {
		t.Fatalf("subscribe URL %s", message.SubscribeURL)
	}
	out, err := w.ConfirmSubscription(t.Context(), &sdk.ConfirmSubscriptionInput{TopicArn: topic, Token: &message.Token})
	if err != nil {
		t.Fatal(err)
	}
	return out.SubscriptionArn
}

func (w *world) say(t *testing.T, topic *string, text string, attributes map[string]types.MessageAttributeValue) {
	t.Helper()
	_, err := w.Publish(t.Context(), &sdk.PublishInput{TopicArn: topic, Message: &text, Subject: aws.String("news"), MessageAttributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeliveryIsSigned(t *testing.T) {
	for version, hash := range map[string]crypto.Hash{"1": crypto.SHA1, "2": crypto.SHA256} {
		w := newWorld(t)
		topic := w.topic(t, "ops")
		if _, err := w.SetTopicAttributes(t.Context(), &sdk.SetTopicAttributesInput{TopicArn: topic, AttributeName: aws.String("SignatureVersion"), AttributeValue: &version}); err != nil {
			t.Fatal(err)
		}
		w.subscribed(t, topic, "/", nil)
		w.say(t, topic, "disk full", nil)
		got := w.settled(t)[1]
		var m map[string]string
		if err := json.Unmarshal([]byte(got.body), &m); err != nil {
			t.Fatal(err)
		}
		if m["Message"] != "disk full" || m["Subject"] != "news" || m["TopicArn"] != *topic || m["SignatureVersion"] != version || got.header.Get("x-amz-sns-topic-arn") != *topic {
			t.Errorf("message %+v", m)
		}
		var text strings.Builder
		for _, name := range []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"} {
			text.WriteString(name + "\n" + m[name] + "\n")
		}
		signature, err := base64.StdEncoding.DecodeString(m["Signature"])
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(text.String()))
		sum := digest[:]
		if version == "1" {
			old := sha1.Sum([]byte(text.String()))
			sum = old[:]
		}
		if err := rsa.VerifyPKCS1v15(certificate(t, w, m["SigningCertURL"]), hash, sum, signature); err != nil {
			t.Errorf("version %s: %v", version, err)
		}
	}
}

// certificate fetches the certificate that a message names.
func certificate(t *testing.T, w *world, address string) *rsa.PublicKey {
	t.Helper()
	for path, page := range w.service.Pages() {
		at := strings.Index(address, path)
		if at < 0 {
			t.Fatalf("certificate at %s", address)
		}
		rec := httptest.NewRecorder()
		page.ServeHTTP(rec, httptest.NewRequest("GET", address[at:], nil))
		block, _ := pem.Decode(rec.Body.Bytes())
		if block == nil {
			t.Fatalf("%s is answered %d %s", address, rec.Code, rec.Body)
		}
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.PublicKey.(*rsa.PublicKey)
	}
	return nil
}

func TestFailedDeliveryIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "ops")
	w.subscribed(t, topic, "/", nil)
	w.mu.Lock()
	w.fails = 3
	w.mu.Unlock()
	w.say(t, topic, "one", nil)
	if got := w.settled(t); len(got) != 2 {
		t.Errorf("after three faults came %d", len(got)-1)
	}
	w.mu.Lock()
	w.fails = 4 // more than the policy's tries
	w.mu.Unlock()
	w.say(t, topic, "two", nil)
	if got := w.settled(t); len(got) != 2 {
		t.Errorf("it was tried for ever: %d", len(got)-1)
	}
	w.subscribed(t, topic, "/gone", nil)
	w.say(t, topic, "three", nil)
	if got := w.settled(t); len(got) != 5 { // the confirmation, and one each, refused or not
		t.Errorf("refused for good: %d", len(got))
	}
}

func TestFiltersAndRawDelivery(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "orders")
	w.subscribed(t, topic, "/raw", map[string]string{"RawMessageDelivery": "true", "FilterPolicy": `{"shop":["north"]}`})
	shop := func(name string) map[string]types.MessageAttributeValue {
		return map[string]types.MessageAttributeValue{"shop": {DataType: aws.String("String"), StringValue: &name}}
	}
	w.say(t, topic, "from the south", shop("south"))
	w.say(t, topic, "from nowhere", nil)
	w.say(t, topic, "from the north", shop("north"))
	got := w.settled(t)
	if len(got) != 2 || got[1].body != "from the north" || got[1].header.Get("x-amz-sns-rawdelivery") != "true" {
		t.Errorf("came %+v", got)
	}
}

func TestUnconfirmedAndEndedSubscriptionsGetNothing(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "ops")
	out, err := w.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: topic, Protocol: aws.String("http"), Endpoint: aws.String(w.endpoint.URL)})
	if err != nil || *out.SubscriptionArn != "pending confirmation" {
		t.Fatalf("%+v, %v", out, err)
	}
	w.say(t, topic, "too early", nil)
	if got := w.settled(t); len(got) != 1 {
		t.Errorf("came %+v", got)
	}
	_, err = w.ConfirmSubscription(t.Context(), &sdk.ConfirmSubscriptionInput{TopicArn: topic, Token: aws.String("guess")})
	if servicetest.Code(err) != "InvalidParameter" {
		t.Errorf("a guessed token: %v", err)
	}
	arn := w.subscribed(t, topic, "/2", nil)
	attributes, err := w.GetSubscriptionAttributes(t.Context(), &sdk.GetSubscriptionAttributesInput{SubscriptionArn: arn})
	if err != nil || attributes.Attributes["PendingConfirmation"] != "false" || attributes.Attributes["Protocol"] != "http" {
		t.Errorf("%+v, %v", attributes, err)
	}
	if _, err := w.Unsubscribe(t.Context(), &sdk.UnsubscribeInput{SubscriptionArn: arn}); err != nil {
		t.Fatal(err)
	}
	w.say(t, topic, "too late", nil)
	if got := w.settled(t); len(got) != 2 {
		t.Errorf("came %+v", got)
	}
}

func TestMailIsWrittenIntoTheInbox(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "ops")
	if _, err := w.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: topic, Protocol: aws.String("email"), Endpoint: aws.String("ann@example.com")}); err != nil {
		t.Fatal(err)
	}
	w.settled(t)
	mails := func() []string {
		files, _ := filepath.Glob(filepath.Join(w.env.Home, "inbox", "ann@example.com", "*.eml"))
		return files
	}
	first, err := os.ReadFile(mails()[0])
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(first), "Token=")
	token, _, _ := strings.Cut(rest, "&")
	if !found {
		t.Fatalf("no token in %s", first)
	}
	if _, err := w.ConfirmSubscription(t.Context(), &sdk.ConfirmSubscriptionInput{TopicArn: topic, Token: &token}); err != nil {
		t.Fatal(err)
	}
	w.say(t, topic, "disk full", nil)
	w.settled(t)
	all := mails()
	last, err := os.ReadFile(all[len(all)-1])
	if err != nil || len(all) != 2 || !strings.Contains(string(last), "Subject: news") || !strings.Contains(string(last), "disk full") {
		t.Errorf("%d mails, the last %s, %v", len(all), last, err)
	}
}

func TestTopicsAndTheirAttributes(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "ops")
	if again := w.topic(t, "ops"); *again != *topic {
		t.Errorf("created twice: %s", *again)
	}
	for name, value := range map[string]string{"DisplayName": "Operations", "Policy": `{"Version":"2012-10-17","Statement":[]}`, "HTTPFailureFeedbackRoleArn": "arn:aws:iam::000000000000:role/x"} {
		if _, err := w.SetTopicAttributes(t.Context(), &sdk.SetTopicAttributesInput{TopicArn: topic, AttributeName: &name, AttributeValue: &value}); err != nil {
			t.Fatal(err)
		}
		got, err := w.GetTopicAttributes(t.Context(), &sdk.GetTopicAttributesInput{TopicArn: topic})
		if err != nil || got.Attributes[name] != value {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := w.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: topic, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}); err != nil {
		t.Fatal(err)
	}
	tags, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: topic})
	if err != nil || len(tags.Tags) != 1 {
		t.Errorf("%+v, %v", tags, err)
	}
	if _, err := w.DeleteTopic(t.Context(), &sdk.DeleteTopicInput{TopicArn: topic}); err != nil {
		t.Fatal(err)
	}
	_, err = w.Publish(t.Context(), &sdk.PublishInput{TopicArn: topic, Message: aws.String("x")})
	if servicetest.Code(err) != "NotFound" {
		t.Errorf("publish to none: %v", err)
	}
}

func TestBatch(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "ops")
	w.subscribed(t, topic, "/", nil)
	entry := func(id, text string) types.PublishBatchRequestEntry {
		return types.PublishBatchRequestEntry{Id: &id, Message: &text}
	}
	out, err := w.PublishBatch(t.Context(), &sdk.PublishBatchInput{TopicArn: topic, PublishBatchRequestEntries: []types.PublishBatchRequestEntry{entry("a", "1"), entry("b", ""), entry("c", "3")}})
	if err != nil || len(out.Successful) != 2 || len(out.Failed) != 1 || *out.Failed[0].Id != "b" {
		t.Errorf("%+v, %v", out, err)
	}
	if got := w.settled(t); len(got) != 3 {
		t.Errorf("came %d", len(got))
	}
	_, err = w.PublishBatch(t.Context(), &sdk.PublishBatchInput{TopicArn: topic, PublishBatchRequestEntries: []types.PublishBatchRequestEntry{entry("a", "1"), entry("a", "2")}})
	if servicetest.Code(err) != "BatchEntryIdsNotDistinct" {
		t.Errorf("the same id twice: %v", err)
	}
}

func TestRefused(t *testing.T) {
	w := newWorld(t)
	topic := w.topic(t, "ops")
	for protocol, endpoint := range map[string]string{
		"sqs": "https://sqs.us-east-1.amazonaws.com/000000000000/q", "lambda": "arn:aws:lambda:us-east-1:000000000000:function:f", "pigeon": "x",
		"http": "https://127.0.0.1/", "https": "https://", "email": "../../etc/passwd@x", "email-json": "nobody",
	} {
		_, err := w.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: topic, Protocol: &protocol, Endpoint: &endpoint})
		if servicetest.Code(err) != "InvalidParameter" {
			t.Errorf("%s %s: %v", protocol, endpoint, err)
		}
	}
	for _, name := range []string{"a.fifo", "a b", strings.Repeat("x", 257)} {
		if _, err := w.CreateTopic(t.Context(), &sdk.CreateTopicInput{Name: &name}); servicetest.Code(err) != "InvalidParameter" {
			t.Errorf("topic %s: %v", name, err)
		}
	}
}
