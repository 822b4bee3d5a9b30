package awswire_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/awswire"
)

// A vector is one entry of the AWS SDKs' protocol tests: a model and cases of it.
type vector struct {
	Description string
	Metadata    struct{ Protocol string }
	Shapes      map[string]*vectorShape
	Cases       []struct {
		Given struct {
			Name   string
			HTTP   struct{ Method, RequestURI string }
			Input  *vectorRef
			Output *vectorRef
		}
		Params     json.RawMessage
		Result     json.RawMessage
		Serialized struct {
			Body    string
			URI     string
			Headers map[string]string
		}
		Response struct {
			Status  int `json:"status_code"`
			Body    string
			Headers map[string]string
		}
	}
}

type vectorShape struct {
	Type            string
	Members         map[string]vectorRef
	Member          *vectorRef
	Key, Value      *vectorRef
	Flattened       bool
	TimestampFormat string
	Payload         string
	Location        string
}

type vectorRef struct {
	Shape, LocationName, QueryName string
	Location, Payload              string
	Flattened                      bool
	TimestampFormat                string
}

func vectors(t *testing.T, file string) []vector {
	t.Helper()
	dir := moduleDir(t, "github.com/aws/aws-sdk-go", "-C", "../../tools/awsgen")
	data, err := os.ReadFile(filepath.Join(dir, "models", "protocol_tests", file))
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// A recursive is the one shape of the vectors that nests itself: reflection
// cannot build such a type.
type recursive struct {
	NoRecurse       *string
	RecursiveStruct *recursive
	RecursiveList   []recursive
	RecursiveMap    map[string]recursive
}

// structType builds the struct that the generator would write for a shape.
func (v *vector) structType(name string) reflect.Type {
	if name == "RecursiveStructType" {
		return reflect.TypeFor[recursive]()
	}
	var fields []reflect.StructField
	members := v.Shapes[name].Members
	names := make([]string, 0, len(members))
	for member := range members {
		names = append(names, member)
	}
	sort.Strings(names)
	for _, member := range names {
		ref := members[member]
		fields = append(fields, reflect.StructField{
			Name: strings.ToUpper(member[:1]) + member[1:], Type: v.goType(ref, true),
			Tag: reflect.StructTag(`wire:"` + v.tag(member, ref) + payloadTag(v.Shapes[name], member) + `"`),
		})
	}
	return reflect.StructOf(fields)
}

func (v *vector) goType(ref vectorRef, member bool) reflect.Type {
	shape := v.Shapes[ref.Shape]
	var scalar reflect.Type
	switch shape.Type {
	case "list":
		return reflect.SliceOf(v.goType(*shape.Member, false))
	case "map":
		return reflect.MapOf(reflect.TypeFor[string](), v.goType(*shape.Value, false))
	case "blob":
		return reflect.TypeFor[[]byte]()
	case "structure":
		scalar = v.structType(ref.Shape)
	case "integer", "long":
		scalar = reflect.TypeFor[int64]()
	case "float", "double":
		scalar = reflect.TypeFor[float64]()
	case "boolean":
		scalar = reflect.TypeFor[bool]()
	case "timestamp":
		scalar = reflect.TypeFor[time.Time]()
	default:
		scalar = reflect.TypeFor[string]()
	}
	if member {
		return reflect.PointerTo(scalar)
	}
	return scalar
}

func (v *vector) tag(member string, ref vectorRef) string {
	shape := v.Shapes[ref.Shape]
	options := []string{cmpOr(ref.LocationName, member)}
	add := func(name, value string) {
		if value != "" {
			options = append(options, name+"="+value)
		}
	}
	add("query", ref.QueryName)
	add("in", cmpOr(ref.Location, shape.Location))
	if shape.Member != nil {
		item := shape.Member.LocationName
		if item == "" && v.Metadata.Protocol == "ec2" {
			item = "member"
		}
		add("item", item)
	}
	if shape.Key != nil {
		add("key", shape.Key.LocationName)
		add("value", shape.Value.LocationName)
	}
	add("time", cmpOr(ref.TimestampFormat, shape.TimestampFormat))
	if ref.Flattened || shape.Flattened {
		options = append(options, "flat")
	}
	return strings.Join(options, ",")
}

func payloadTag(shape *vectorShape, member string) string {
	if shape.Payload == member {
		return ",payload"
	}
	return ""
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// value makes a struct of type t out of a vector's parameters, which have
// members by name, seconds for timestamps and plain text for blobs.
func value(t *testing.T, structType reflect.Type, params json.RawMessage) any {
	t.Helper()
	var generic any
	if err := json.Unmarshal(params, &generic); err != nil {
		t.Fatal(err)
	}
	v := reflect.New(structType)
	assign(v.Elem(), generic)
	return v.Interface()
}

func assign(into reflect.Value, from any) {
	switch {
	case from == nil:
	case into.Kind() == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		assign(into.Elem(), from)
	case into.Type() == reflect.TypeFor[time.Time]():
		into.Set(reflect.ValueOf(time.Unix(int64(from.(float64)), 0).UTC()))
	case into.Kind() == reflect.Struct:
		for name, item := range from.(map[string]any) {
			assign(into.FieldByName(strings.ToUpper(name[:1])+name[1:]), item)
		}
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() == reflect.Uint8:
		into.SetBytes([]byte(from.(string)))
	case into.Kind() == reflect.Slice:
		items := from.([]any)
		into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
		for i, item := range items {
			assign(into.Index(i), item)
		}
	case into.Kind() == reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		for key, item := range from.(map[string]any) {
			element := reflect.New(into.Type().Elem()).Elem()
			assign(element, item)
			into.SetMapIndex(reflect.ValueOf(key), element)
		}
	case into.Kind() == reflect.Int64:
		into.SetInt(int64(from.(float64)))
	default:
		into.Set(reflect.ValueOf(from))
	}
}

var vectorFiles = map[string]api.Protocol{"ec2.json": api.EC2Query, "query.json": api.Query, "json.json": api.JSON}

// TestInputVectors decodes the requests of AWS's protocol tests.
func TestInputVectors(t *testing.T) {
	for file, protocol := range vectorFiles {
		for _, v := range vectors(t, "input/"+file) {
			t.Run(file+"/"+v.Description, func(t *testing.T) {
				for i, c := range v.Cases {
					if c.Serialized.Body == "" {
						continue
					}
					checkInput(t, i, protocol, c.Serialized.Body, v.structType(c.Given.Input.Shape), c.Params)
				}
			})
		}
	}
}

func checkInput(t *testing.T, i int, protocol api.Protocol, body string, inputType reflect.Type, params json.RawMessage) {
	t.Helper()
	in := reflect.New(inputType).Interface()
	request := &awswire.Request{
		Method: http.MethodPost, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
	op := &api.OperationInfo{Service: &api.Service{Protocol: protocol}}
	if _, err := awswire.Of(protocol).Decode(request, op, in); err != nil {
		t.Errorf("case %d: %v", i, err)
		return
	}
	want := value(t, inputType, params)
	if token := reflect.ValueOf(in).Elem().FieldByName("Token"); token.IsValid() {
		token.SetZero() // the vectors' clients fill it at random
		reflect.ValueOf(want).Elem().FieldByName("Token").SetZero()
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("case %d: input (-want +got):\n%s", i, diff)
	}
}

// TestOutputVectors encodes the results of AWS's protocol tests and compares the
// answers as documents: order and layout are free.
func TestOutputVectors(t *testing.T) {
	for file, protocol := range vectorFiles {
		for _, v := range vectors(t, "output/"+file) {
			if strings.Contains(v.Description, "non-json") || strings.Contains(v.Description, "extra data") {
				continue // what a client must bear, not what a server may write
			}
			t.Run(file+"/"+v.Description, func(t *testing.T) {
				for i, c := range v.Cases {
					if strings.Contains(c.Response.Body, "null") {
						continue // again what a client must bear
					}
					op := &api.OperationInfo{
						Name:    "OperationName",
						Service: &api.Service{Protocol: protocol}, ResultWrapper: "OperationNameResult",
					}
					out := value(t, v.structType(c.Given.Output.Shape), c.Result)
					answer := record(t, func(w http.ResponseWriter) error {
						return awswire.Of(protocol).Encode(w, op, "request-id", out)
					}).Body.String()
					if diff := cmp.Diff(document(t, protocol, c.Response.Body), document(t, protocol, answer)); diff != "" {
						t.Errorf("case %d: answer (-want +got):\n%s\n%s", i, diff, answer)
					}
				}
			})
		}
	}
}

// document turns an answer into nested lists and maps without what differs by
// nature: request ids, namespaces, order.
func document(t *testing.T, protocol api.Protocol, body string) any {
	t.Helper()
	if protocol == api.JSON {
		var doc any
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		return doc
	}
	dec := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := dec.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if start, ok := token.(xml.StartElement); ok {
			return element(t, dec, start)
		}
	}
}

// element reads an element into its text, or into its children sorted.
func element(t *testing.T, dec *xml.Decoder, start xml.StartElement) any {
	var children []string
	text := ""
	for {
		token, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			child := element(t, dec, token)
			switch name := strings.ToLower(token.Name.Local); {
			case name == "requestid" || name == "responsemetadata":
			case name == "operationnameresult": // some vectors have it, some not
				return child
			default:
				encoded, _ := json.Marshal(child)
				children = append(children, token.Name.Local+"="+string(encoded))
			}
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			if len(children) == 0 {
				return normal(strings.TrimSpace(text))
			}
			sort.Strings(children)
			return children
		}
	}
}

// normal writes base64 and times in one way.
func normal(text string) string {
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && strings.HasSuffix(text, "=") {
		return string(raw)
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC().Format(time.RFC3339)
	}
	return text
}
