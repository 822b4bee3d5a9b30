package awswire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"apex/internal/api"
	"apex/internal/awswire"
	"apex/internal/sdkhttp"
)

// sdkClients returns a client of the official SDK for each served service, by
// the SDK's module.
func sdkClients(url string) map[string]any {
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url), DisableRequestCompression: true, HTTPClient: sdkhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
	return map[string]any{
		"applicationautoscaling": applicationautoscaling.NewFromConfig(cfg),
		"cloudwatch":             cloudwatch.NewFromConfig(cfg),
		"cloudwatchlogs":         cloudwatchlogs.NewFromConfig(cfg),
		"ec2":                    ec2.NewFromConfig(cfg),
		"ecr":                    ecr.NewFromConfig(cfg),
		"ecs":                    ecs.NewFromConfig(cfg),
		"elasticache":            elasticache.NewFromConfig(cfg),
		"elasticloadbalancingv2": elasticloadbalancingv2.NewFromConfig(cfg),
		"iam":                    iam.NewFromConfig(cfg),
		"kms":                    kms.NewFromConfig(cfg),
		"rds":                    rds.NewFromConfig(cfg),
		"secretsmanager":         secretsmanager.NewFromConfig(cfg),
		"ssm":                    ssm.NewFromConfig(cfg),
		"acm":                    acm.NewFromConfig(cfg),
		"sns":                    sns.NewFromConfig(cfg),
		"sts":                    sts.NewFromConfig(cfg),
		"scheduler":              scheduler.NewFromConfig(cfg),
		"eventbridge":            eventbridge.NewFromConfig(cfg),
		"sqs":                    sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true }),
		"xray":                   xray.NewFromConfig(cfg),
		"route53":                route53.NewFromConfig(cfg),
		"cloudfront":             cloudfront.NewFromConfig(cfg),
		"servicediscovery":       servicediscovery.NewFromConfig(cfg, hostAlone),
	}
}

// hostAlone keeps the SDK from putting "data-" before the test's host.
func hostAlone(o *servicediscovery.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("HostAlone", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
	})
}

// An echo answers every operation with an output of which every member is set,
// or with one error.
type echo struct {
	operations map[string]*api.OperationInfo
	err        *api.Error
	sent       any // the last output
	fault      error
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	request := &awswire.Request{Method: r.Method, Path: r.URL.Path, RawPath: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery, Header: r.Header, Body: body}
	target, err := request.Target()
	if op := e.router().Find(request); op != nil {
		target.Operation = op.Name
	}
	op := e.operations[target.Operation]
	if err != nil || op == nil {
		e.fault = fmt.Errorf("target %+v: %w", target, err)
		return
	}
	protocol := awswire.Of(newestProtocol(op.Service))
	in := newStruct(op.Input)
	if _, e.fault = protocol.Decode(request, op, in); e.fault != nil {
		return
	}
	if op.RequestURI != "" { // no snapshots have their bodies
		if missing := absent(in); len(missing) > 0 {
			e.fault = fmt.Errorf("not read: %v", missing)
		}
	}
	if e.err != nil {
		e.fault = protocol.EncodeError(w, op.Service, "req-1", e.err)
		return
	}
	e.sent = filled(op.Output, 6)
	e.fault = protocol.Encode(w, op, "req-1", e.sent)
}

// router finds the operations that a method and a URI name.
func (e *echo) router() *awswire.Router {
	var operations []*api.OperationInfo
	for _, op := range e.operations {
		if op.RequestURI != "" {
			operations = append(operations, op)
		}
	}
	return awswire.NewRouter(operations)
}

// TestSDKReadsEveryAnswer lets the official SDK call each operation we know and
// holds what it understood against what we said, member by member.
func TestSDKReadsEveryAnswer(t *testing.T) {
	for _, service := range servedServices() {
		t.Run(service.module, func(t *testing.T) {
			server := &echo{operations: map[string]*api.OperationInfo{}}
			listener := httptest.NewServer(server)
			defer listener.Close()
			client := sdkClients(listener.URL)[service.module]
			for i := range service.operations {
				op := &service.operations[i]
				if streams(client, op.Name) {
					continue // events, not an answer: eventstream_test.go
				}
				server.operations[op.Name] = op
				got, err := call(client, op.Name)
				if err != nil || server.fault != nil {
					t.Errorf("%s: %v, %v", op.Name, err, server.fault)
					continue
				}
				compare(t, op.Name, reflect.ValueOf(server.sent), got)
			}
		})
	}
}

// streams reports whether the SDK reads the operation's answer as a stream of
// events.
func streams(client any, operation string) bool {
	method := reflect.ValueOf(client).MethodByName(operation)
	if !method.IsValid() {
		return false
	}
	_, ok := method.Type().Out(0).MethodByName("GetStream")
	return ok
}

// call calls an operation of an SDK client with an input full of values.
func call(client any, operation string) (reflect.Value, error) {
	method := reflect.ValueOf(client).MethodByName(operation)
	if !method.IsValid() {
		return reflect.Value{}, fmt.Errorf("the SDK has no operation %s", operation)
	}
	in := reflect.New(method.Type().In(1).Elem())
	fillSDK(in.Elem(), 9)
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	err, _ := results[1].Interface().(error)
	return results[0], err
}

func fillSDK(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSDK(v.Elem(), depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() && depth > 0 {
				fillSDK(field, depth-1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillSDK(v.Index(0), depth)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.String:
		v.SetString("x")
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64, reflect.Float32:
		v.SetFloat(1)
	}
}

// compare holds each member of ours against the SDK's of the same name.
func compare(t *testing.T, path string, ours, sdk reflect.Value) {
	t.Helper()
	ours, sdk = indirect(ours), indirect(sdk)
	switch {
	case !ours.IsValid():
		return
	case !sdk.IsValid():
		t.Errorf("%s: the SDK did not read it", path)
	case ours.Type() == reflect.TypeFor[time.Time]():
		if a, b := ours.Interface().(time.Time), sdk.Interface().(time.Time); !a.Equal(b) {
			t.Errorf("%s: sent %v, read %v", path, a, b)
		}
	case sdk.Kind() == reflect.Interface:
		return // a union, of which the SDK reads one member
	case ours.Kind() == reflect.Struct:
		compareStructs(t, path, ours, sdk)
	case ours.Kind() == reflect.Slice && ours.Len() > 0:
		if ours.Len() != sdk.Len() {
			t.Errorf("%s: sent %d items, read %d", path, ours.Len(), sdk.Len())
			return
		}
		compare(t, path+"[0]", ours.Index(0), sdk.Index(0))
	case ours.Kind() == reflect.Map:
		for it := ours.MapRange(); it.Next(); {
			compare(t, path+"["+it.Key().String()+"]", it.Value(), sdk.MapIndex(it.Key()))
		}
	default:
		if a, b := fmt.Sprint(ours), fmt.Sprint(sdk); a != b {
			t.Errorf("%s: sent %s, read %s", path, a, b)
		}
	}
}

func compareStructs(t *testing.T, path string, ours, sdk reflect.Value) {
	t.Helper()
	for i := range ours.NumField() {
		name := ours.Type().Field(i).Name
		theirs := sdk.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, name) })
		if !theirs.IsValid() {
			t.Errorf("%s.%s: the SDK does not know it", path, name)
			continue
		}
		compare(t, path+"."+name, ours.Field(i), theirs)
	}
}

func indirect(v reflect.Value) reflect.Value {
	for v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// TestSDKReadsErrors checks each protocol's envelope through the SDK.
func TestSDKReadsErrors(t *testing.T) {
	for module, operation := range map[string]string{"ec2": "DescribeVpcs", "iam": "ListUsers", "ecs": "ListClusters", "cloudwatch": "ListMetrics", "scheduler": "ListSchedules", "route53": "ListHostedZones"} {
		t.Run(module, func(t *testing.T) {
			server := &echo{err: api.Errorf("NoSuchThing", 404, "a <b> & \"c\""), operations: map[string]*api.OperationInfo{}}
			for _, service := range servedServices() {
				if service.module != module {
					continue
				}
				for i := range service.operations {
					server.operations[service.operations[i].Name] = &service.operations[i]
				}
			}
			listener := httptest.NewServer(server)
			defer listener.Close()
			_, err := call(sdkClients(listener.URL)[module], operation)
			apiErr, ok := errorAs[smithy.APIError](err)
			if !ok || apiErr.ErrorCode() != "NoSuchThing" || apiErr.ErrorMessage() != `a <b> & "c"` {
				t.Errorf("the SDK read %v", err)
			}
			if response, ok := errorAs[interface{ HTTPStatusCode() int }](err); !ok || response.HTTPStatusCode() != 404 {
				t.Errorf("status in %v", err)
			}
		})
	}
}

func errorAs[T any](err error) (T, bool) {
	var target T
	ok := errors.As(err, &target)
	return target, ok
}
