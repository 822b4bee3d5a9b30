package xray

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

// A document is a segment or subsegment (X-Ray segment documents).
type document struct {
	TraceID     string  `json:"trace_id"`
	ID          string  `json:"id"`
	ParentID    string  `json:"parent_id"`
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Origin      string  `json:"origin"`
	ResourceARN string  `json:"resource_arn"`
	User        string  `json:"user"`
	Start       float64 `json:"start_time"`
	End         float64 `json:"end_time"`
	InProgress  bool    `json:"in_progress"`
	Error       bool    `json:"error"`
	Fault       bool    `json:"fault"`
	Throttle    bool    `json:"throttle"`
	HTTP        struct {
		Request struct {
			Method    string `json:"method"`
			URL       string `json:"url"`
			UserAgent string `json:"user_agent"`
			ClientIP  string `json:"client_ip"`
		} `json:"request"`
		Response struct {
			Status json.Number `json:"status"`
		} `json:"response"`
	} `json:"http"`
	Annotations map[string]any `json:"annotations"`
	Subsegments []document     `json:"subsegments"`
}

var (
	traceID   = regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)
	segmentID = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// A fault says why a document is not taken in.
type fault struct{ code, message string }

// parse reads a segment document.
func parse(text string) (document, *fault) {
	var d document
	if len(text) > 64<<10 {
		return d, &fault{"SegmentTooLarge", "a segment has at most 64 KiB"}
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, &fault{"ParseError", fmt.Sprintf("the document is no segment: %v", err)}
	}
	d.TraceID = normal(d.TraceID)
	switch {
	case !traceID.MatchString(d.TraceID):
		return d, &fault{"MissingTraceId", "want a trace_id such as 1-58406520-a006649127e371903a2de979"}
	case !segmentID.MatchString(d.ID):
		return d, &fault{"MissingId", "want an id of 16 hexadecimal digits"}
	case d.Name == "":
		return d, &fault{"MissingName", "want a name"}
	case d.Start <= 0 || math.IsNaN(d.Start) || d.Start > 1e11:
		return d, &fault{"MissingStartTime", "want a start_time in seconds"}
	case d.End == 0 && !d.InProgress:
		return d, &fault{"MissingEndTime", "want an end_time, or in_progress"}
	}
	return d, nil
}

// normal gives the trace ids of OpenTelemetry X-Ray's form.
func normal(id string) string {
	if id = strings.ToLower(id); len(id) == 32 && !strings.Contains(id, "-") {
		return "1-" + id[:8] + "-" + id[8:]
	}
	return id
}

func (d document) duration() float64 { return max(d.End-d.Start, 0) }

func at(seconds float64) time.Time {
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}

// each visits a document and its subsegments.
func (d document) each(visit func(document)) {
	visit(d)
	for _, inner := range d.Subsegments {
		inner.each(visit)
	}
}
