package awswire_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elbv2api"
	"apex/internal/awswire"
)

func form(body []byte) *awswire.Request {
	return &awswire.Request{
		Method: http.MethodPost, Body: body,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
}

// decodeAny runs a decoder on outside input: whatever it reads must be valid to
// check and to write again.
func decodeAny(t *testing.T, op api.OperationInfo, request *awswire.Request) (in any, ok bool) {
	in = newStruct(op.Input)
	protocol := awswire.Of(op.Service.Protocol)
	if _, err := protocol.Decode(request, &op, in); err != nil {
		if refusal := awswire.Refusal(op.Service, err); refusal.Status != 400 {
			t.Errorf("bad input is answered %+v", refusal)
		}
		return nil, false
	}
	_ = awswire.Validate(&op, in)
	if err := protocol.Encode(httptest.NewRecorder(), &op, "id", in); err != nil {
		t.Error(err)
	}
	return in, true
}

func FuzzEC2Query(f *testing.F) {
	f.Add([]byte("Action=AuthorizeSecurityGroupIngress&GroupId=sg-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0&IpPermissions.1.FromPort=80"))
	f.Add([]byte("IpPermissions=&IpPermissions.999999999999.FromPort=1&IpPermissions.x.y=1&.=&..=&DryRun=maybe"))
	f.Add([]byte("TagSpecification.2.Tag.1.Key=a&TagSpecification.10.Tag.1.Key=b&TagSpecification.1=%zz"))
	f.Fuzz(func(t *testing.T, body []byte) {
		decodeAny(t, ec2api.AuthorizeSecurityGroupIngress.Info(), form(body))
	})
}

func FuzzAWSQuery(f *testing.F) {
	f.Add([]byte("Actions.member.1.Type=forward&Actions.member.1.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.1.key=k&Priority=7"))
	f.Add([]byte("Actions.1.Type=forward&Conditions.member.1.Values.member.=x&Priority=1e9"))
	f.Add([]byte("Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=-1&Priority"))
	f.Fuzz(func(t *testing.T, body []byte) {
		decodeAny(t, elbv2api.CreateRule.Info(), form(body))
	})
}

// FuzzAWSJSON also holds our decoder against the standard library's: what ours
// reads and writes again, ours must read as the same.
func FuzzAWSJSON(f *testing.F) {
	f.Add([]byte(`{"family":"web","containerDefinitions":[{"name":"a","cpu":1.0,"portMappings":[{"containerPort":80}]}]}`))
	f.Add([]byte(`{"tags":[{"key":"\u00e9\n","value":null}],"volumes":[null,{}],"x":{"y":[[{}],"]"]},"cpu":5}`))
	f.Add([]byte(` { "containerDefinitions" : [ { "dockerLabels" : { "a" : "b" , "c":"" } , "memory" : 9007199254740993e0 } ] } `))
	f.Add([]byte(`{"containerDefinitions":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		op := ecsapi.RegisterTaskDefinition.Info()
		in, ok := decodeAny(t, op, &awswire.Request{Body: body})
		if !ok {
			return
		}
		if len(body) > 0 && !json.Valid(body) {
			t.Fatal("read what is no JSON")
		}
		w := httptest.NewRecorder()
		if err := awswire.Of(api.JSON).Encode(w, &op, "id", in); err != nil {
			t.Fatal(err)
		}
		again, ok := decodeAny(t, op, &awswire.Request{Body: w.Body.Bytes()})
		if !ok {
			t.Fatalf("cannot read what we wrote: %s", w.Body)
		}
		if diff := cmp.Diff(in, again); diff != "" {
			t.Errorf("read again (-first +second):\n%s", diff)
		}
	})
}
