package clients

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	s3service "apex/internal/service/s3"
)

// unknown are the codes by which a region says that it has no such operation;
// the last is for those that the SDK does not sign.
var unknown = []string{"UnknownOperationException", "InvalidAction", "NotImplemented", "MissingAuthenticationToken"}

// faults are the codes of a region that is at fault itself.
var faults = []string{"InternalFailure", "InternalError", "InternalServerError", "ServiceException", "UnknownError"}

// probe calls every operation that the SDK has with input that is complete in
// form and names nothing there is. It returns the operations that the region
// serves. Whatever it answers must be an answer, or an error that the SDK can
// read and that is the caller's.
func (u *run) probe(t *testing.T) map[string]bool {
	served := map[string]bool{}
	for _, c := range u.clients {
		for _, operation := range c.operations() {
			name := c.module + "." + operation
			if isStream(c, operation) || slices.Contains(notSent, name) {
				continue
			}
			for kind, value := range fillers {
				known, err := u.probeOne(t.Context(), c, operation, value)
				if err != nil {
					t.Errorf("%s with input that is %s: %v", name, kind, err)
				}
				served[name] = served[name] || known
			}
		}
	}
	// S3 looks at the request before it says that it serves none such.
	for _, operation := range missingInS3(u.clients) {
		delete(served, "s3."+operation)
	}
	maps.DeleteFunc(served, func(_ string, known bool) bool { return !known })
	return served
}

// missingInS3 returns what the SDK has of S3 and the region has not.
func missingInS3(clients []client) (names []string) {
	served := map[string]bool{}
	for _, op := range s3service.Operations() {
		served[op.Name] = op.Method != ""
	}
	for _, c := range clients {
		if c.module == "s3" {
			names = append(names, slices.DeleteFunc(c.operations(), func(name string) bool { return served[name] })...)
		}
	}
	return names
}

// notSent are the operations that an SDK sends to hosts of its own making.
var notSent = []string{
	"s3.WriteGetObjectResponse", "s3.ListDirectoryBuckets", "s3.CreateSession",
	"servicediscovery.DiscoverInstances", "servicediscovery.DiscoverInstancesRevision",
}

func (u *run) probeOne(ctx context.Context, c client, operation string, value filler) (served bool, _ error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	in := reflect.New(c.value.MethodByName(operation).Type().In(1).Elem())
	value.fill(in.Elem(), "", 12)
	_, err := c.call(ctx, operation, in)
	var answer smithy.APIError
	var response *awshttp.ResponseError
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &answer) && slices.Contains(unknown, answer.ErrorCode()):
		return false, nil
	case !errors.As(err, &answer) && !wentOut(err):
		return false, nil // the SDK itself does not like it
	case answer == nil || slices.Contains(faults, answer.ErrorCode()):
		return true, err
	case errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError:
		return true, err
	}
	if m := u.models[c.module]; m != nil && !m.modelled(operation, answer.ErrorCode()) {
		return true, fmt.Errorf("the model has no such error of it: %w", err)
	}
	return true, nil
}

// wentOut reports whether an error is of the way to the region or back.
func wentOut(err error) bool {
	var sending *smithyhttp.RequestSendError
	var reading *smithy.DeserializationError
	var response *awshttp.ResponseError
	return errors.As(err, &sending) || errors.As(err, &reading) || errors.As(err, &response)
}

// isStream reports whether an operation's answer is a stream of events.
func isStream(c client, operation string) bool {
	_, ok := c.value.MethodByName(operation).Type().Out(0).MethodByName("GetStream")
	return ok
}

// A filler fills inputs: every text, number and truth in them is the same.
type filler struct {
	text   string
	number int64
	truth  bool
}

// fillers are inputs complete in form: of names of nothing, of names that could
// be a path or a quotation, of identifiers.
var fillers = map[string]filler{
	"plain":      {"no-such-thing", 7, false},
	"hostile":    {"../../etc/pass'\"<&>%00\u00e9", math.MaxInt32, true},
	"ARN":        {"arn:aws:iam::000000000000:role/no-such-thing", -1, false},
	"expression": {"$(id)*?[", 0, true},
}

// fill sets every member to something, no deeper than depth.
func (f filler) fill(v reflect.Value, name string, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			member := v.Type().Field(i).Name
			if field := v.Field(i); field.CanSet() && depth > 0 && !slices.Contains(leftOut, member) {
				f.fill(field, member, depth-1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), name, depth)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.String:
		v.SetString(f.text)
		if values := v.MethodByName("Values"); values.IsValid() {
			v.Set(values.Call(nil)[0].Index(0)) // of an enum
		}
	case reflect.Bool:
		v.SetBool(f.truth)
	case reflect.Int32, reflect.Int64:
		v.SetInt(f.number)
	case reflect.Float64, reflect.Float32:
		v.SetFloat(float64(f.number))
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[io.Reader]() {
			v.Set(reflect.ValueOf(strings.NewReader(f.text)))
		}
	}
}

// leftOut are members that ask for no call, that an SDK's client makes of others,
// or for whose sake it signs in another way (an event bus of many regions).
var leftOut = []string{"DryRun", "ResultMetadata", "ContentLength", "ContentMD5", "EndpointId"}
