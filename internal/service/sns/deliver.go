package sns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// deliveryTimeout is how long an endpoint may take to answer (SNS: 15 seconds).
const deliveryTimeout = 15 * time.Second

// errRefused is an endpoint's answer that another try would not change.
var errRefused = errors.New("the endpoint refused the message")

// deliver makes one try.
func (s *Service) deliver(ctx context.Context, topic Topic, own Subscription, d Delivery) error {
	e, err := s.envelope(topic, own, d)
	if err != nil {
		return err
	}
	if own.Spec.Protocol == "sqs" {
		return s.sendToQueue(ctx, own, d, &e)
	}
	if strings.HasPrefix(own.Spec.Protocol, "email") {
		return s.writeMail(own, d, &e)
	}
	raw := own.Spec.Attributes["RawMessageDelivery"] == "true" && d.Spec.Type == "Notification"
	body := e.json()
	if raw {
		body = []byte(d.Spec.Body)
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, own.Spec.Endpoint, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	h := request.Header
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("User-Agent", "Amazon Simple Notification Service Agent")
	h.Set("x-amz-sns-message-type", d.Spec.Type)
	h.Set("x-amz-sns-message-id", d.Spec.MessageID)
	h.Set("x-amz-sns-topic-arn", e.TopicArn)
	if d.Spec.Type == "Notification" {
		h.Set("x-amz-sns-subscription-arn", subscriptionARN(own))
	}
	if raw {
		h.Set("x-amz-sns-rawdelivery", "true")
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// What the endpoint says beside its status is of no matter.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	switch code := response.StatusCode; {
	case code < 300:
		return nil
	case code >= 400 && code < 500 && code != http.StatusTooManyRequests:
		return fmt.Errorf("%w: status %d", errRefused, code)
	default:
		return fmt.Errorf("the endpoint answered status %d", code)
	}
}

// writeMail writes a message into the address's inbox, a file each. Writing it
// twice leaves one.
func (s *Service) writeMail(own Subscription, d Delivery, e *envelope) error {
	dir := filepath.Join(s.home, "inbox", own.Spec.Endpoint)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the inbox of %s: %w", own.Spec.Endpoint, err)
	}
	subject := d.Spec.Subject
	if subject == "" {
		subject = "AWS Notification Message"
	}
	text := e.Message
	switch {
	case own.Spec.Protocol == "email-json":
		text = string(e.json())
	case d.Spec.Type == "SubscriptionConfirmation":
		subject = "AWS Notification - Subscription Confirmation"
		text = strings.Replace(text, "visit the SubscribeURL included in this message.", "visit\n"+e.SubscribeURL, 1)
	default:
		text += "\n\n--\nIf you wish to stop receiving notifications from this topic, visit\n" + e.UnsubscribeURL
	}
	mail := fmt.Sprintf("From: AWS Notifications <no-reply@sns.amazonaws.com>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@sns>\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n%s\r\n",
		own.Spec.Endpoint, subject, d.Spec.Published.UTC().Format(time.RFC1123Z), d.Spec.MessageID, text)
	path := filepath.Join(dir, d.Spec.Published.UTC().Format("20060102T150405.000Z")+"-"+d.Spec.MessageID+".eml")
	temporary := path + ".part"
	if err := os.WriteFile(temporary, []byte(mail), 0o600); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	return os.Rename(temporary, path)
}
