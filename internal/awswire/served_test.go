package awswire_test

import (
	"reflect"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/api/autoscalingapi"
	"apex/internal/api/cloudfrontapi"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/api/ec2api"
	"apex/internal/api/ecrapi"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elasticacheapi"
	"apex/internal/api/elbv2api"
	"apex/internal/api/eventsapi"
	"apex/internal/api/iamapi"
	"apex/internal/api/kmsapi"
	"apex/internal/api/logsapi"
	"apex/internal/api/rdsapi"
	"apex/internal/api/route53api"
	"apex/internal/api/schedulerapi"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/api/servicediscoveryapi"
	"apex/internal/api/snsapi"
	"apex/internal/api/sqsapi"
	"apex/internal/api/ssmapi"
	"apex/internal/api/stsapi"
	"apex/internal/api/xrayapi"
)

type servedService struct {
	module     string // the SDK's module below aws-sdk-go-v2/service
	operations []api.OperationInfo
}

// newestProtocol returns what the SDK's current client of a service speaks.
func newestProtocol(service *api.Service) api.Protocol {
	if len(service.Also) > 0 && service.Protocol != api.JSON { // else the others are older
		return service.Also[len(service.Also)-1]
	}
	return service.Protocol
}

// servedServices returns the generated packages by the SDK's modules. WAF is not
// among them: its statements nest themselves, and the SDK refuses one that is cut
// off at any depth.
func servedServices() []servedService {
	return []servedService{
		{"applicationautoscaling", autoscalingapi.Operations()},
		{"cloudwatch", cloudwatchapi.Operations()},
		{"cloudwatchlogs", logsapi.Operations()},
		{"ec2", ec2api.Operations()},
		{"ecr", ecrapi.Operations()},
		{"ecs", ecsapi.Operations()},
		{"elasticache", elasticacheapi.Operations()},
		{"elasticloadbalancingv2", elbv2api.Operations()},
		{"iam", iamapi.Operations()},
		{"kms", kmsapi.Operations()},
		{"rds", rdsapi.Operations()},
		{"secretsmanager", secretsmanagerapi.Operations()},
		{"ssm", ssmapi.Operations()},
		{"acm", acmapi.Operations()},
		{"sns", snsapi.Operations()},
		{"sts", stsapi.Operations()},
		{"route53", route53api.Operations()},
		{"cloudfront", cloudfrontapi.Operations()},
		{"servicediscovery", servicediscoveryapi.Operations()},
		{"scheduler", schedulerapi.Operations()},
		{"eventbridge", eventsapi.Operations()},
		{"sqs", sqsapi.Operations()},
		{"xray", xrayapi.Operations()},
	}
}

func newStruct(t reflect.Type) any { return reflect.New(t).Interface() }

// absent returns the paths of the members that in lacks. It looks at one item of
// each list, and into each structure once on a way, since some nest themselves.
func absent(in any) []string {
	return absentMembers(reflect.ValueOf(in).Elem(), "", map[reflect.Type]bool{})
}

func absentMembers(v reflect.Value, path string, above map[reflect.Type]bool) (missing []string) {
	if above[v.Type()] || v.Type() == reflect.TypeFor[time.Time]() {
		return nil
	}
	above[v.Type()] = true
	defer delete(above, v.Type())
	for i := range v.NumField() {
		name := path + "." + v.Type().Field(i).Name
		field := v.Field(i)
		if field.IsNil() {
			if !above[elem(field.Type())] {
				missing = append(missing, name)
			}
			continue
		}
		if s, ok := firstStruct(field); ok {
			missing = append(missing, absentMembers(s, name, above)...)
		}
	}
	return missing
}

// elem returns the type at the bottom of pointers, lists and maps.
func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

func firstStruct(v reflect.Value) (reflect.Value, bool) {
	for {
		switch {
		case v.Kind() == reflect.Struct:
			return v, true
		case v.Kind() == reflect.Pointer:
			v = v.Elem()
		case v.Kind() == reflect.Slice && v.Len() > 0:
			v = v.Index(0)
		case v.Kind() == reflect.Map && v.Len() > 0:
			it := v.MapRange()
			it.Next()
			v = it.Value()
		default:
			return reflect.Value{}, false
		}
	}
}

// filled returns a struct of type t with every member set, no deeper than depth.
func filled(t reflect.Type, depth int) any {
	v := reflect.New(t)
	fill(v.Elem(), depth, "")
	return v.Interface()
}

func fill(v reflect.Value, depth int, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth, name)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if field := v.Field(i); depth > 0 || elem(field.Type()).Kind() != reflect.Struct {
				fill(field, depth-1, v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("blob <" + name + ">"))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), depth, name)
		fill(v.Index(1), depth, name)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range 2 {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(value, depth, name)
			v.SetMapIndex(reflect.ValueOf("key "+strconv.Itoa(i)), value)
		}
	case reflect.String:
		v.SetString(`a "` + name + `" & <b> é`)
		if name == "MaxItems" { // Route 53 has text where its clients read a number
			v.SetString("42")
		}
	case reflect.Int64:
		v.SetInt(42)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Bool:
		v.SetBool(true)
	}
}
