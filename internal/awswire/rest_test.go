package awswire_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/awswire"
)

// restVectors are the protocol tests' files whose members have places outside
// the body.
var restVectors = map[string]api.Protocol{"rest-json.json": api.RestJSON}

// beyond are the features of the vectors that no service of the region uses.
func beyond(description string) bool {
	return strings.Contains(description, "JSON value trait") || strings.Contains(description, "Ignores") ||
		description == "Supports header maps" // one of its maps takes every header there is
}

// TestRESTInputVectors decodes the requests of AWS's protocol tests for REST.
func TestRESTInputVectors(t *testing.T) {
	for file, protocol := range restVectors {
		for _, v := range vectors(t, "input/"+file) {
			if beyond(v.Description) {
				continue
			}
			t.Run(file+"/"+v.Description, func(t *testing.T) {
				for i, c := range v.Cases {
					if c.Given.Input == nil || len(c.Params) == 0 || c.Serialized.Body == "{}" {
						continue // of an empty object nobody can tell whether it was meant
					}
					if payload := c.Given.Input.Payload; payload != "" {
						v.Shapes[c.Given.Input.Shape].Payload = payload
					}
					path, query, _ := strings.Cut(c.Serialized.URI, "?")
					header := http.Header{}
					for name, value := range c.Serialized.Headers {
						header.Set(name, value)
					}
					inputType := v.structType(c.Given.Input.Shape)
					checkREST(t, i, protocol, c.Given.HTTP.RequestURI, &awswire.Request{
						Method: c.Given.HTTP.Method, Path: path, RawQuery: query, Header: header, Body: []byte(c.Serialized.Body),
					}, inputType, value(t, inputType, c.Params))
				}
			})
		}
	}
}

func checkREST(t *testing.T, i int, protocol api.Protocol, uri string, request *awswire.Request, inputType reflect.Type, want any) {
	t.Helper()
	op := &api.OperationInfo{Service: &api.Service{Protocol: protocol}, Method: request.Method, RequestURI: uri}
	if awswire.NewRouter([]*api.OperationInfo{op}).Find(request) != op {
		t.Errorf("case %d: %s does not match %s", i, request.Path, uri)
	}
	in := reflect.New(inputType).Interface()
	if _, err := awswire.Of(protocol).Decode(request, op, in); err != nil {
		t.Errorf("case %d: %v", i, err)
		return
	}
	if token := reflect.ValueOf(in).Elem().FieldByName("Token"); token.IsValid() {
		token.SetZero() // the vectors' clients fill it at random
		reflect.ValueOf(want).Elem().FieldByName("Token").SetZero()
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("case %d: input (-want +got):\n%s", i, diff)
	}
}

// TestRESTOutputVectors encodes the results of AWS's protocol tests for REST.
func TestRESTOutputVectors(t *testing.T) {
	for file, protocol := range restVectors {
		for _, v := range vectors(t, "output/"+file) {
			if beyond(v.Description) {
				continue
			}
			t.Run(file+"/"+v.Description, func(t *testing.T) {
				for i, c := range v.Cases {
					if c.Given.Output == nil || strings.Contains(c.Response.Body, "null") {
						continue
					}
					op := &api.OperationInfo{Name: "OperationName", Service: &api.Service{Protocol: protocol}}
					out := value(t, v.structType(c.Given.Output.Shape), c.Result)
					answer := record(t, func(w http.ResponseWriter) error {
						return awswire.Of(protocol).Encode(w, op, "request-id", out)
					})
					if answer.Code != c.Response.Status {
						t.Errorf("case %d: status %d, want %d", i, answer.Code, c.Response.Status)
					}
					for name, want := range c.Response.Headers {
						if got := answer.Header().Get(name); name != "Content-Type" && got != want {
							t.Errorf("case %d: header %s is %q, want %q", i, name, got, want)
						}
					}
					body := strings.ReplaceAll(c.Response.Body, `"2015-01-25T08:00:00Z"`, "1422172800") // both are read, one is written
					sameBody(t, protocol, body, answer.Body.String())
				}
			})
		}
	}
}

func sameBody(t *testing.T, protocol api.Protocol, want, got string) {
	t.Helper()
	if want == "" || got == want {
		return
	}
	if protocol == api.RestJSON {
		protocol = api.JSON
	}
	if diff := cmp.Diff(document(t, protocol, want), document(t, protocol, got)); diff != "" {
		t.Errorf("answer (-want +got):\n%s\n%s", diff, got)
	}
}

// TestRouter finds operations among neighbours whose URIs differ in little.
func TestRouter(t *testing.T) {
	var operations []*api.OperationInfo
	for name, binding := range map[string]string{
		"ListZones": "GET /2013/zone", "GetZone": "GET /2013/zone/{Id}", "CountZones": "GET /2013/zone/count",
		"ListRecords": "GET /2013/zone/{Id}/rrset", "ChangeRecords": "POST /2013/zone/{Id}/rrset/",
		"Create": "POST /2020/distribution", "CreateWithTags": "POST /2020/distribution?WithTags",
		"Tag": "POST /2020/tagging?Operation=Tag", "Untag": "POST /2020/tagging?Operation=Untag",
		"GetObject": "GET /object/{Key+}", "GetObjectTags": "GET /object/{Key+}/tags",
		"Root": "POST /",
	} {
		method, uri, _ := strings.Cut(binding, " ")
		operations = append(operations, &api.OperationInfo{Name: name, Method: method, RequestURI: uri})
	}
	router := awswire.NewRouter(operations)
	for request, want := range map[string]string{
		"GET /2013/zone": "ListZones", "GET /2013/zone/": "ListZones", "GET /2013/zone/Z1": "GetZone",
		"GET /2013/zone/count": "CountZones", "GET /2013/zone/a%2Fb": "GetZone", "GET /2013/zone/a/b": "",
		"GET /2013/zone/Z1/rrset?name=x": "ListRecords", "POST /2013/zone/Z1/rrset": "ChangeRecords",
		"POST /2020/distribution": "Create", "POST /2020/distribution?WithTags": "CreateWithTags", "POST /2020/distribution?WithTags=": "CreateWithTags",
		"POST /2020/tagging?Operation=Untag&Resource=a": "Untag", "POST /2020/tagging?Operation=Tag": "Tag", "POST /2020/tagging": "",
		"GET /object/a/b/c": "GetObject", "GET /object/a/b/tags": "GetObjectTags", "GET /object": "",
		"POST /": "Root", "DELETE /": "", "GET //": "", "GET /2013//rrset": "", "POST /2020/tagging?%zz": "",
	} {
		method, uri, _ := strings.Cut(request, " ")
		path, query, _ := strings.Cut(uri, "?")
		got := ""
		if op := router.Find(&awswire.Request{Method: method, Path: path, RawPath: path, RawQuery: query}); op != nil {
			got = op.Name
		}
		if got != want {
			t.Errorf("%s: found %q, want %q", request, got, want)
		}
	}
}

// TestRESTErrors refuses members outside the body that cannot be read, and names
// the error in the header where clients of REST look.
func TestRESTErrors(t *testing.T) {
	op := schedulerapi.ListSchedules.Info()
	request := &awswire.Request{Method: http.MethodGet, Path: "/schedules", RawQuery: "MaxResults=many"}
	_, err := awswire.Of(api.RestJSON).Decode(request, &op, newStruct(op.Input))
	if refusal := awswire.Refusal(op.Service, err); refusal.Code != "SerializationException" {
		t.Errorf("refused with %v", refusal)
	}
	answer := record(t, func(w http.ResponseWriter) error {
		return awswire.Of(api.RestJSON).EncodeError(w, op.Service, "id", api.Errorf("ConflictException", 409, "twice"))
	})
	if answer.Code != 409 || answer.Header().Get("X-Amzn-Errortype") != "ConflictException" {
		t.Errorf("answered %d %v", answer.Code, answer.Header())
	}
}

// FuzzRestJSON reads any path, query and body.
func FuzzRestJSON(f *testing.F) {
	f.Add("/schedules/a%2Fb", "groupName=x", []byte(`{"Target":{"Arn":"a"}}`))
	f.Add("/tags/arn:aws:x", "TagKeys=a&TagKeys=b", []byte(`[]`))
	f.Add("//%zz/", "%", []byte(`{`))
	f.Fuzz(func(t *testing.T, path, query string, body []byte) {
		for _, op := range []api.OperationInfo{schedulerapi.CreateSchedule.Info(), schedulerapi.UntagResource.Info(), schedulerapi.ListSchedules.Info()} {
			decodeAny(t, op, &awswire.Request{Method: op.Method, Path: path, RawPath: path, RawQuery: query, Body: body})
		}
		if _, err := url.ParseQuery(query); err != nil {
			var all []*api.OperationInfo
			for _, op := range schedulerapi.Operations() {
				all = append(all, &op)
			}
			if awswire.NewRouter(all).Find(&awswire.Request{Method: "GET", Path: path, RawQuery: query}) != nil {
				t.Error("found an operation for a query string that is none")
			}
		}
	})
}
