package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	"apexai/crm/internal/id"
	"apexai/crm/internal/web"
)

// A tool reads something: it turns arguments into a path of the API.
type tool struct {
	name, title, doc string
	members          []member
	path             func(in arguments) (string, error)
}

type member struct {
	name, kind, doc string
	enum            []string
	required        bool
}

type arguments struct {
	Query  string          `json:"query"`
	Kind   string          `json:"kind"`
	ID     string          `json:"id"`
	Filter json.RawMessage `json:"filter"`
	Sort   string          `json:"sort"`
	Limit  int             `json:"limit"`
	Cursor string          `json:"cursor"`
}

var (
	kindMember = member{name: "kind", kind: "string", doc: "what kind of record", enum: []string{"people", "companies", "deals"}, required: true}
	pageLimit  = member{name: "limit", kind: "integer", doc: "how many, 1 to 100; 25 if it is not given"}
	pageCursor = member{name: "cursor", kind: "string", doc: "the nextCursor of the page before"}
)

var tools = []tool{
	{
		"search", "Search", "Find people, companies, deals and tasks by the beginnings of words in their names, and notes, calls, meetings and e-mails by what is written in them.",
		[]member{{name: "query", kind: "string", doc: "words", required: true}},
		func(in arguments) (string, error) {
			if in.Query == "" {
				return "", errors.New("query is missing")
			}
			return "/search?" + url.Values{"q": {in.Query}}.Encode(), nil
		},
	},
	{
		"get_record", "Get a record", "Read one person, company or deal.",
		[]member{kindMember, {name: "id", kind: "string", doc: "the record's id", required: true}},
		func(in arguments) (string, error) { return in.record("") },
	},
	{
		"list_records", "List records", `Read people, companies or deals, narrowed by a filter such as {"and":[{"f":"status","op":"=","v":"open"},{"f":"closeDate","op":"<","v":"today"}]}. Operators: = != > >= < <= in notIn contains startsWith empty notEmpty.`,
		[]member{kindMember, {name: "filter", kind: "object", doc: "a filter"}, {name: "sort", kind: "string", doc: "such as name or -updatedAt"}, pageLimit, pageCursor},
		func(in arguments) (string, error) {
			if err := in.check(); err != nil {
				return "", err
			}
			values := in.page()
			if in.Sort != "" {
				values.Set("sort", in.Sort)
			}
			if len(in.Filter) > 0 && string(in.Filter) != "null" {
				values.Set("filter", string(in.Filter))
			}
			return "/" + in.Kind + "?" + values.Encode(), nil
		},
	},
	{
		"timeline", "Timeline", "Read what happened to a record, the newest first: notes, calls, meetings, e-mails, changes.",
		[]member{kindMember, {name: "id", kind: "string", doc: "the record's id", required: true}, pageLimit, pageCursor},
		func(in arguments) (string, error) { return in.record("/timeline?" + in.page().Encode()) },
	},
	{
		"list_pipelines", "List pipelines", "Read the pipelines with their stages.", nil,
		func(arguments) (string, error) { return "/pipelines", nil },
	},
	{
		"pipeline_report", "Pipeline report", "Read how many open deals each stage of a pipeline has, and what they are worth.",
		[]member{{name: "id", kind: "string", doc: "the pipeline's id, as list_pipelines tells it", required: true}},
		func(in arguments) (string, error) {
			which, err := id.Parse(in.ID)
			if err != nil {
				return "", errors.New("id is not an id")
			}
			return "/reports/pipeline?pipelineId=" + which.String(), nil
		},
	},
}

func (in arguments) check() error {
	for _, k := range kindMember.enum {
		if in.Kind == k {
			return nil
		}
	}
	return errors.New("kind is not one of people, companies, deals")
}

func (in arguments) record(below string) (string, error) {
	if err := in.check(); err != nil {
		return "", err
	}
	which, err := id.Parse(in.ID)
	if err != nil {
		return "", errors.New("id is not an id")
	}
	return "/" + in.Kind + "/" + which.String() + below, nil
}

func (in arguments) page() url.Values {
	values := url.Values{"limit": {strconv.Itoa(25)}}
	if in.Limit > 0 {
		values.Set("limit", strconv.Itoa(min(in.Limit, 100)))
	}
	if in.Cursor != "" {
		values.Set("cursor", in.Cursor)
	}
	return values
}

// described are the tools as a client is told of them.
func described() []object {
	var all []object
	for _, t := range tools {
		properties, required := object{}, []string{}
		for _, m := range t.members {
			property := object{"type": m.kind, "description": m.doc}
			if m.enum != nil {
				property["enum"] = m.enum
			}
			properties[m.name] = property
			if m.required {
				required = append(required, m.name)
			}
		}
		all = append(all, object{
			"name": t.name, "title": t.title, "description": t.doc,
			"inputSchema": object{"type": "object", "properties": properties, "required": required, "additionalProperties": false},
			"annotations": object{"readOnlyHint": true, "openWorldHint": false},
		})
	}
	return all
}

// call runs a tool. That a tool cannot do what it is asked is its result,
// which the model reads; only what no tool could do is an error.
func (s Server) call(ctx context.Context, c *web.Call, params json.RawMessage) (any, *fault) {
	var in struct {
		Name      string    `json:"name"`
		Arguments arguments `json:"arguments"`
	}
	if err := json.Unmarshal(params, &in); err != nil {
		return nil, &fault{invalidParams, "the arguments are not of the tool's form"}
	}
	for _, t := range tools {
		if t.name != in.Name {
			continue
		}
		path, err := t.path(in.Arguments)
		if err != nil {
			return result(true, err.Error(), nil), nil
		}
		status, body := s.get(ctx, c, path)
		var structured any
		if status == 200 && json.Unmarshal(body, &structured) == nil {
			return result(false, string(body), structured), nil
		}
		return result(true, said(status, body), nil), nil
	}
	return nil, &fault{invalidParams, "there is no such tool"}
}

func result(failed bool, text string, structured any) object {
	r := object{"content": []object{{"type": "text", "text": text}}, "isError": failed}
	if structured != nil {
		r["structuredContent"] = structured
	}
	return r
}

// said is what the API said of a refused request.
func said(status int, body []byte) string {
	var p struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors []struct {
			Pointer, Message string
		} `json:"errors"`
	}
	if json.Unmarshal(body, &p) != nil || p.Title == "" {
		return "the API answered " + strconv.Itoa(status)
	}
	text := p.Title
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	for _, e := range p.Errors {
		text += "; " + e.Pointer + " " + e.Message
	}
	return text
}
