package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// An exporter sends spans as OTLP in its JSON form (OTLP 1.x, /v1/traces). The
// official exporter would bring gRPC and protobuf into the program.
type exporter struct {
	url    string
	client *http.Client
	log    *slog.Logger
}

type attributes []attributeValue

type attributeValue struct {
	Key   string         `json:"key"`
	Value map[string]any `json:"value"`
}

type span struct {
	TraceID      string     `json:"traceId"`
	SpanID       string     `json:"spanId"`
	ParentSpanID string     `json:"parentSpanId,omitempty"`
	Name         string     `json:"name"`
	Kind         int        `json:"kind"`
	Start        string     `json:"startTimeUnixNano"`
	End          string     `json:"endTimeUnixNano"`
	Attributes   attributes `json:"attributes,omitempty"`
	Status       struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	} `json:"status"`
}

// ExportSpans sends spans, once; those that a collector does not take are lost.
func (e *exporter) ExportSpans(ctx context.Context, list []sdktrace.ReadOnlySpan) error {
	if len(list) == 0 {
		return nil
	}
	spans := make([]span, len(list))
	for i, s := range list {
		spans[i] = encoded(s)
	}
	body, err := json.Marshal(map[string]any{"resourceSpans": []any{map[string]any{
		"resource":   map[string]any{"attributes": valuesOf(list[0].Resource().Attributes())},
		"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": "apexai/crm"}, "spans": spans}},
	}}})
	if err == nil {
		err = e.send(ctx, body)
	}
	if err != nil {
		e.log.WarnContext(ctx, "traces lost", "spans", len(spans), "fault", err)
	}
	return nil // told above, once
}

func (e *exporter) send(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := e.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection is used again
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("collector: %s", response.Status)
	}
	return nil
}

func encoded(s sdktrace.ReadOnlySpan) span {
	e := span{
		TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Name: s.Name(), Kind: int(s.SpanKind()),
		Start: strconv.FormatInt(s.StartTime().UnixNano(), 10), End: strconv.FormatInt(s.EndTime().UnixNano(), 10), Attributes: valuesOf(s.Attributes()),
	}
	if s.Parent().SpanID().IsValid() {
		e.ParentSpanID = s.Parent().SpanID().String()
	}
	const failed = 2 // OTLP's STATUS_CODE_ERROR
	if s.Status().Description != "" {
		e.Status.Code, e.Status.Message = failed, s.Status().Description
	}
	return e
}

func valuesOf(list []attribute.KeyValue) (all attributes) {
	for _, kv := range list {
		value := map[string]any{"stringValue": kv.Value.String()}
		if kv.Value.Type() == attribute.INT64 {
			value = map[string]any{"intValue": kv.Value.String()}
		}
		all = append(all, attributeValue{string(kv.Key), value})
	}
	return all
}

// Shutdown has nothing to end.
func (e *exporter) Shutdown(context.Context) error { return nil }
