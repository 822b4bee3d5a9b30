package awswire_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/cloudfrontapi"
	"apex/internal/api/route53api"
	"apex/internal/api/schedulerapi"
	"apex/internal/awswire"
)

// restVectors are the protocol tests' files whose members have places outside
// the body.
var restVectors = map[string]api.Protocol{"rest-json.json": api.RestJSON, "rest-xml.json": api.RestXML}

// beyond are the features of the vectors that no service of the region uses.
func beyond(description string) bool {
	return strings.Contains(description, "JSON value trait") || strings.Contains(description, "Ignores") ||
		strings.HasPrefix(description, "XML Attribute") ||
		description == "Supports header maps" || description == "Header maps" || // whose prefix is nothing, or not of the request
		description == "Header whitespace" // which HTTP itself takes away
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

// TestRestXMLRefuses documents that are none, or that try to be more.
func TestRestXMLRefuses(t *testing.T) {
	op := route53api.CreateHostedZone.Info()
	deep := strings.Repeat("<VPC>", 100_000)
	for name, body := range map[string]string{
		"no XML":            "{}",
		"ends early":        "<a><Name>x",
		"two roots":         "<a><Name>x</Name></a><b/>",
		"text behind":       "<a/>x",
		"crossed":           "<a><Name>x</a></Name>",
		"entities":          `<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a><Name>&d;</Name></a>`,
		"unknown entity":    "<a><Name>&d;</Name></a>",
		"another encoding":  `<?xml version="1.0" encoding="UTF-7"?><a/>`,
		"text is a tree":    "<a><Name><b/></Name></a>",
		"a word is a bool":  "<a><HostedZoneConfig><PrivateZone>perhaps</PrivateZone></HostedZoneConfig></a>",
		"deep":              "<a>" + deep,
		"a bool is a bomb":  "<a><HostedZoneConfig><PrivateZone>" + strings.Repeat("true", 1<<18) + "</PrivateZone></HostedZoneConfig></a>",
		"control character": "<a><Name>\x01</Name></a>",
	} {
		_, err := awswire.Of(api.RestXML).Decode(&awswire.Request{Method: op.Method, Path: "/2013-04-01/hostedzone", Body: []byte(body)}, &op, newStruct(op.Input))
		if err == nil {
			t.Errorf("%s: read", name)
		} else if refusal := awswire.Refusal(op.Service, err); refusal.Status != http.StatusBadRequest {
			t.Errorf("%s: %v", name, refusal)
		}
	}
}

// TestRestXMLIgnores what it does not know, and counts it.
func TestRestXMLIgnores(t *testing.T) {
	op := route53api.CreateHostedZone.Info()
	in := new(route53api.CreateHostedZoneRequest)
	body := "\ufeff<?xml version=\"1.0\"?><!-- hello --><x:Any xmlns:x=\"urn:x\" a=\"b\">" +
		"<Newer><deep/>text</Newer><x:Name> a&amp;<![CDATA[<b>]]>&#x41; </x:Name><VPC/></x:Any><!-- bye -->\n"
	body = strings.TrimPrefix(body, "\ufeff")
	unknown, err := awswire.Of(api.RestXML).Decode(&awswire.Request{Method: op.Method, Path: "/2013-04-01/hostedzone", Body: []byte(body)}, &op, in)
	if err != nil || unknown != 1 || *in.Name != " a&<b>A " || in.VPC == nil || in.VPC.VPCId != nil {
		t.Errorf("read %+v, %d unknown, %v", in, unknown, err)
	}
}

// FuzzRestXML reads any document into structures, lists and payloads.
func FuzzRestXML(f *testing.F) {
	f.Add([]byte(`<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>CREATE</Action></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`))
	f.Add([]byte(`<DistributionConfig><Origins><Quantity>1</Quantity><Items><Origin><Id>a</Id></Origin></Items></Origins></DistributionConfig>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`))
	f.Add([]byte(strings.Repeat("<ChangeBatch>", 100)))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range []api.OperationInfo{
			route53api.ChangeResourceRecordSets.Info(), route53api.CreateHealthCheck.Info(),
			cloudfrontapi.CreateDistribution.Info(), cloudfrontapi.CreateFunction.Info(),
		} {
			decodeAny(t, op, &awswire.Request{Method: op.Method, Path: "/2013-04-01/hostedzone/Z1/rrset", Body: body})
		}
	})
}
