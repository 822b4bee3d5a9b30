package xray

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/xrayapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// A trace is the segments of one request.
type trace struct {
	id        string
	documents []document
	texts     []string
}

// traces yields a scope's traces in order of time.
func traces(r store.Reader, scope arn.Scope) iter.Seq[trace] {
	return func(yield func(trace) bool) {
		var t trace
		for key, s := range Segments.Prefix(r, scope.Prefix()) {
			_, name := arn.SplitKey(key)
			id, _, _ := strings.Cut(name, "/")
			if id != t.id && t.id != "" && !yield(t) {
				return
			}
			if id != t.id {
				t = trace{id: id}
			}
			t.add(s.Document)
		}
		if t.id != "" {
			yield(t)
		}
	}
}

func find(r store.Reader, scope arn.Scope, id string) (trace, bool) {
	t := trace{id: normal(id)}
	for _, s := range Segments.Prefix(r, scope.Key(t.id+"/")) {
		t.add(s.Document)
	}
	return t, len(t.documents) > 0
}

func (t *trace) add(text string) {
	if d, bad := parse(text); bad == nil {
		t.documents, t.texts = append(t.documents, d), append(t.texts, text)
	}
}

// span is when a trace began and ended.
func (t trace) span() (start, end float64) {
	for _, d := range t.documents {
		if start == 0 || d.Start < start {
			start = d.Start
		}
		end = max(end, d.End)
	}
	return start, max(end, start)
}

// root is the segment that the others follow from.
func (t trace) root() document {
	var first document
	for _, d := range t.documents {
		if d.ParentID == "" && d.Type != "subsegment" {
			return d
		}
		if first.ID == "" || d.Start < first.Start {
			first = d
		}
	}
	return first
}

// names are the services of a trace, sorted.
func (t trace) names() []string {
	all := map[string]bool{}
	for _, d := range t.documents {
		if d.Type != "subsegment" {
			all[d.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (t trace) annotations() map[string][]any {
	all := map[string][]any{}
	for _, d := range t.documents {
		d.each(func(inner document) {
			for name, value := range inner.Annotations {
				if !slices.Contains(all[name], value) {
					all[name] = append(all[name], value)
				}
			}
		})
	}
	return all
}

// flags tell whether any segment had an error, a fault, a throttle, or goes on.
func (t trace) flags() (failed, faulty, throttled, partial bool) {
	for _, d := range t.documents {
		failed, faulty = failed || d.Error, faulty || d.Fault
		throttled, partial = throttled || d.Throttle, partial || d.InProgress
	}
	return failed, faulty, throttled, partial
}

// summary is what a list of traces shows of one.
func (t trace) summary() xrayapi.TraceSummary {
	start, end := t.span()
	root := t.root()
	failed, faulty, throttled, partial := t.flags()
	out := xrayapi.TraceSummary{
		Id: &t.id, StartTime: api.Ptr(at(start)), Duration: api.Ptr(end - start), ResponseTime: api.Ptr(root.duration()),
		HasError: &failed, HasFault: &faulty, HasThrottle: &throttled, IsPartial: &partial,
		Annotations: map[string][]xrayapi.ValueWithServiceIds{}, Http: httpOf(root), EntryPoint: serviceID(root), Revision: api.Ptr(int64(len(t.documents))),
	}
	for _, name := range t.names() {
		out.ServiceIds = append(out.ServiceIds, xrayapi.ServiceId{Name: api.Ptr(name), Names: []string{name}})
	}
	for name, values := range t.annotations() {
		for _, value := range values {
			out.Annotations[name] = append(out.Annotations[name], xrayapi.ValueWithServiceIds{AnnotationValue: annotation(value)})
		}
	}
	if root.User != "" {
		out.Users = []xrayapi.TraceUser{{UserName: &root.User}}
	}
	if root.ResourceARN != "" {
		out.ResourceARNs = []xrayapi.ResourceARNDetail{{ARN: &root.ResourceARN}}
	}
	return out
}

func serviceID(d document) *xrayapi.ServiceId {
	out := &xrayapi.ServiceId{Name: api.Ptr(d.Name), Names: []string{d.Name}}
	if d.Origin != "" {
		out.Type = api.Ptr(d.Origin)
	}
	return out
}

func httpOf(d document) *xrayapi.Http {
	out := &xrayapi.Http{}
	for text, into := range map[string]**string{
		d.HTTP.Request.URL: &out.HttpURL, d.HTTP.Request.Method: &out.HttpMethod,
		d.HTTP.Request.UserAgent: &out.UserAgent, d.HTTP.Request.ClientIP: &out.ClientIp,
	} {
		if text != "" {
			*into = api.Ptr(text)
		}
	}
	if status, err := d.HTTP.Response.Status.Int64(); err == nil {
		out.HttpStatus = &status
	}
	return out
}

func annotation(value any) *xrayapi.AnnotationValue {
	switch value := value.(type) {
	case float64:
		return &xrayapi.AnnotationValue{NumberValue: &value}
	case bool:
		return &xrayapi.AnnotationValue{BooleanValue: &value}
	case string:
		return &xrayapi.AnnotationValue{StringValue: &value}
	}
	return &xrayapi.AnnotationValue{StringValue: new(string)}
}

func within(start float64, from, to time.Time) bool {
	when := at(start)
	return !when.Before(from) && !when.After(to)
}
