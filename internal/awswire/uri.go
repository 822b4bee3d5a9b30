package awswire

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"

	"apex/internal/api"
)

// A template is the request URI of an operation of a REST protocol:
// "/2013-04-01/hostedzone/{Id}/rrset?type={Type}" has segments, of which some are
// labels, and query literals.
type template struct {
	segments []segment
	literals []literal
}

// A segment is literal text or, with a label, a place for a member's value. A
// greedy label, "{Key+}", takes all that is left but the segments after it.
type segment struct {
	text, label string
	greedy      bool
}

// A literal is a part of the query string that names the operation, such as
// "Operation=Tag" or "WithTags".
type literal struct{ name, value string }

var templates sync.Map // request URI → *template

// templateOf returns the template of a request URI, read at its first use.
func templateOf(uri string) *template {
	if known, ok := templates.Load(uri); ok {
		return known.(*template)
	}
	made, _ := templates.LoadOrStore(uri, parseTemplate(uri))
	return made.(*template)
}

func parseTemplate(uri string) *template {
	path, query, _ := strings.Cut(uri, "?")
	t := &template{}
	for _, part := range segmentsOf(path) {
		s := segment{text: part}
		if inner, ok := strings.CutPrefix(part, "{"); ok {
			inner = strings.TrimSuffix(inner, "}")
			s = segment{label: strings.TrimSuffix(inner, "+"), greedy: strings.HasSuffix(inner, "+")}
		}
		t.segments = append(t.segments, s)
	}
	for part := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			t.literals = append(t.literals, literal{name, value})
		}
	}
	return t
}

// segmentsOf splits a path. A slash at its end says nothing: models have it at
// some operations and clients drop it.
func segmentsOf(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// match reads a path's segments, still escaped, and returns the labels' values.
func (t *template) match(path []string) (labels map[string]string, ok bool) {
	for i, s := range t.segments {
		after := len(t.segments) - i - 1
		switch {
		case s.greedy:
			if len(path) <= after {
				return nil, false
			}
			taken := len(path) - after
			labels = with(labels, s.label, strings.Join(path[:taken], "/"))
			path = path[taken:]
			continue
		case len(path) == 0 || s.label == "" && path[0] != s.text || path[0] == "":
			return nil, false
		case s.label != "":
			labels = with(labels, s.label, path[0])
		}
		path = path[1:]
	}
	return labels, len(path) == 0
}

func with(labels map[string]string, name, escaped string) map[string]string {
	if labels == nil {
		labels = map[string]string{}
	}
	value, err := url.PathUnescape(escaped)
	if err != nil {
		value = escaped
	}
	labels[name] = value
	return labels
}

// asked tells whether a query string has the template's literals.
func (t *template) asked(query url.Values) bool {
	for _, l := range t.literals {
		values, has := query[l.name]
		if !has || l.value != "" && !slices.Contains(values, l.value) {
			return false
		}
	}
	return true
}

// A Router finds the operation of a REST protocol that a method and a URI name.
type Router struct{ byMethod map[string][]binding }

type binding struct {
	*template
	op *api.OperationInfo
}

// NewRouter makes a router of a service's operations.
func NewRouter(operations []*api.OperationInfo) *Router {
	r := &Router{byMethod: map[string][]binding{}}
	for _, op := range operations {
		r.byMethod[op.Method] = append(r.byMethod[op.Method], binding{templateOf(op.RequestURI), op})
	}
	for _, bindings := range r.byMethod {
		slices.SortStableFunc(bindings, func(a, b binding) int { return narrower(a.template, b.template) })
	}
	return r
}

// narrower orders templates so that the one which says more comes first: literal
// text before a label before a greedy label, and more query literals before fewer.
func narrower(a, b *template) int {
	for i := range min(len(a.segments), len(b.segments)) {
		if c := cmp.Compare(a.segments[i].width(), b.segments[i].width()); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(b.segments), len(a.segments)); c != 0 {
		return c
	}
	return cmp.Compare(len(b.literals), len(a.literals))
}

func (s segment) width() int {
	switch {
	case s.greedy:
		return 2
	case s.label != "":
		return 1
	}
	return 0
}

// Find returns the operation that a request names, or nil.
func (r *Router) Find(request *Request) *api.OperationInfo {
	path := segmentsOf(request.escapedPath())
	query, err := url.ParseQuery(request.RawQuery)
	if err != nil {
		return nil
	}
	for _, b := range r.byMethod[request.Method] {
		if _, ok := b.match(path); ok && b.asked(query) {
			return b.op
		}
	}
	return nil
}
