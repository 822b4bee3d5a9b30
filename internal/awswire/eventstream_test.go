package awswire_test

import (
	"bytes"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/awswire"
)

// The SDK's own decoder reads every frame.
func TestEvents(t *testing.T) {
	w := httptest.NewRecorder()
	events := awswire.NewEvents(w)
	if events.Begun() || w.Flushed {
		t.Error("begun before the first event")
	}
	if err := events.Send("sessionUpdate", &logsapi.LiveTailSessionUpdate{SessionMetadata: &logsapi.LiveTailSessionMetadata{Sampled: api.Ptr(true)}}); err != nil {
		t.Fatal(err)
	}
	if err := events.Fail(api.Invalid("SessionTimeoutException", `it "ended"`)); err != nil {
		t.Fatal(err)
	}
	var got []string
	decoder, body := eventstream.NewDecoder(), bytes.NewReader(w.Body.Bytes())
	for body.Len() > 0 {
		message, err := decoder.Decode(body, nil)
		if err != nil {
			t.Fatal(err)
		}
		line := ""
		for _, h := range message.Headers {
			line += h.Name + "=" + h.Value.String() + " "
		}
		got = append(got, line+string(message.Payload))
	}
	if diff := cmp.Diff([]string{
		":event-type=initial-response :content-type=application/json :message-type=event {}",
		`:event-type=sessionUpdate :content-type=application/json :message-type=event {"sessionMetadata":{"sampled":true}}`,
		`:exception-type=SessionTimeoutException :content-type=application/json :message-type=exception {"message":"it \"ended\""}`,
	}, got); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/vnd.amazon.eventstream" || !w.Flushed {
		t.Errorf("content type %s, flushed %v", kind, w.Flushed)
	}
}
