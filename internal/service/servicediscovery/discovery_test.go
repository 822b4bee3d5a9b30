package servicediscovery_test

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	r53 "github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/service/logs"
	"apex/internal/service/route53"
	"apex/internal/service/servicediscovery"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

// A world is the service beside Route 53, in which its zones are.
type world struct {
	*sdk.Client
	dns *r53.Client
	env service.Env
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, slices.Concat(servicediscovery.Tables(), route53.Tables(), ec2.Tables(), elbv2.Tables(), cloudwatch.Tables(), logs.Tables())...)
	s, zones := servicediscovery.New(env), route53.New(env)
	servicetest.Run(t, env, zones.Controllers()...)
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		ec2.VPCs.Put(tx, ec2.VPC{Key: scope.Key("vpc-1")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &world{sdk.NewFromConfig(servicetest.Config(t, env, s.Routes())), r53.NewFromConfig(servicetest.Config(t, env, zones.Routes())), env}
}

// hostAlone keeps the SDK from putting "data-" before the test's host.
func hostAlone(o *sdk.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("HostAlone", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
	})
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := servicetest.Code(err); got != code {
		t.Errorf("answered %q, want %q (%v)", got, code, err)
	}
}

// made returns the target of an operation that has succeeded.
func (w *world) made(t *testing.T, operation *string, err error, kind types.OperationTargetType) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.GetOperation(t.Context(), &sdk.GetOperationInput{OperationId: operation})
	if err != nil || got.Operation.Status != types.OperationStatusSuccess {
		t.Fatalf("operation %+v, %v", got, err)
	}
	return got.Operation.Targets[string(kind)]
}

func (w *world) private(t *testing.T, name string) string {
	t.Helper()
	out, err := w.CreatePrivateDnsNamespace(t.Context(), &sdk.CreatePrivateDnsNamespaceInput{Name: &name, Vpc: aws.String("vpc-1")})
	if err != nil {
		t.Fatal(err)
	}
	return w.made(t, out.OperationId, err, types.OperationTargetTypeNamespace)
}

func (w *world) service(t *testing.T, namespace, name string, config *types.DnsConfig) string {
	t.Helper()
	out, err := w.CreateService(t.Context(), &sdk.CreateServiceInput{NamespaceId: &namespace, Name: &name, DnsConfig: config, HealthCheckCustomConfig: &types.HealthCheckCustomConfig{}})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Service.Id
}

func records(kinds ...types.RecordType) *types.DnsConfig {
	c := &types.DnsConfig{RoutingPolicy: types.RoutingPolicyMultivalue}
	for _, kind := range kinds {
		c.DnsRecords = append(c.DnsRecords, types.DnsRecord{Type: kind, TTL: aws.Int64(10)})
	}
	return c
}

func (w *world) register(t *testing.T, service, instance string, attributes map[string]string) {
	t.Helper()
	out, err := w.RegisterInstance(t.Context(), &sdk.RegisterInstanceInput{ServiceId: &service, InstanceId: &instance, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	w.made(t, out.OperationId, err, types.OperationTargetTypeInstance)
}

// answers asks the namespace's zone.
func (w *world) answers(t *testing.T, namespace, name string, kind r53types.RRType) []string {
	t.Helper()
	got, err := w.GetNamespace(t.Context(), &sdk.GetNamespaceInput{Id: &namespace})
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.dns.TestDNSAnswer(t.Context(), &r53.TestDNSAnswerInput{HostedZoneId: got.Namespace.Properties.DnsProperties.HostedZoneId, RecordName: &name, RecordType: kind})
	if err != nil {
		t.Fatal(err)
	}
	return out.RecordData
}

func TestInstancesAreInDNS(t *testing.T) {
	w := newWorld(t)
	namespace := w.private(t, "corp.local")
	service := w.service(t, namespace, "api", records(types.RecordTypeA, types.RecordTypeSrv))
	w.register(t, service, "one", map[string]string{"AWS_INSTANCE_IPV4": "10.0.0.4", "AWS_INSTANCE_PORT": "3000"})
	w.register(t, service, "two", map[string]string{"AWS_INSTANCE_IPV4": "10.0.0.5", "AWS_INSTANCE_PORT": "3001"})
	want := func(kind r53types.RRType, name string, values ...string) {
		t.Helper()
		if got := w.answers(t, namespace, name, kind); !slices.Equal(got, values) {
			t.Errorf("%s %s: %v, want %v", kind, name, got, values)
		}
	}
	want(r53types.RRTypeA, "api.corp.local", "10.0.0.4", "10.0.0.5")
	want(r53types.RRTypeSrv, "api.corp.local", "1 1 3000 one.api.corp.local.", "1 1 3001 two.api.corp.local.")
	want(r53types.RRTypeA, "two.api.corp.local", "10.0.0.5")
	servicetest.Await(t, w.env, "zone published", func(snap store.Snapshot) bool {
		for _, z := range ec2.Zones.All(snap) {
			return len(z.Spec.Domain.Sets) > 2 && slices.Contains(z.Spec.VPCs, "vpc-1")
		}
		return false
	})

	_, err := w.UpdateInstanceCustomHealthStatus(t.Context(), &sdk.UpdateInstanceCustomHealthStatusInput{ServiceId: &service, InstanceId: aws.String("one"), Status: types.CustomHealthStatusUnhealthy})
	if err != nil {
		t.Fatal(err)
	}
	want(r53types.RRTypeA, "api.corp.local", "10.0.0.5")
	found, err := w.DiscoverInstances(t.Context(), &sdk.DiscoverInstancesInput{NamespaceName: aws.String("corp.local"), ServiceName: aws.String("api")}, hostAlone)
	if err != nil || len(found.Instances) != 1 || *found.Instances[0].InstanceId != "two" || found.Instances[0].Attributes["AWS_INSTANCE_PORT"] != "3001" {
		t.Errorf("discovered %+v, %v", found, err)
	}
	_, err = w.DeleteService(t.Context(), &sdk.DeleteServiceInput{Id: &service})
	wantCode(t, err, "ResourceInUse")
	for _, instance := range []string{"one", "two"} {
		out, err := w.DeregisterInstance(t.Context(), &sdk.DeregisterInstanceInput{ServiceId: &service, InstanceId: &instance})
		if err != nil {
			t.Fatal(err)
		}
		w.made(t, out.OperationId, err, types.OperationTargetTypeInstance)
	}
	want(r53types.RRTypeA, "api.corp.local")
}

func TestNamespaceLife(t *testing.T) {
	w := newWorld(t)
	id := w.private(t, "corp.local")
	_, err := w.CreatePrivateDnsNamespace(t.Context(), &sdk.CreatePrivateDnsNamespaceInput{Name: aws.String("corp.local"), Vpc: aws.String("vpc-1")})
	wantCode(t, err, "NamespaceAlreadyExists")
	_, err = w.CreatePrivateDnsNamespace(t.Context(), &sdk.CreatePrivateDnsNamespaceInput{Name: aws.String("x.local"), Vpc: aws.String("vpc-9")})
	wantCode(t, err, "InvalidInput")
	got, err := w.GetNamespace(t.Context(), &sdk.GetNamespaceInput{Id: &id})
	if err != nil || got.Namespace.Type != types.NamespaceTypeDnsPrivate || *got.Namespace.Properties.DnsProperties.SOA.TTL != 15 {
		t.Fatalf("got %+v, %v", got, err)
	}
	zone := got.Namespace.Properties.DnsProperties.HostedZoneId
	_, err = w.dns.DeleteHostedZone(t.Context(), &r53.DeleteHostedZoneInput{Id: zone})
	wantCode(t, err, "AccessDenied")
	service := w.service(t, id, "api", records(types.RecordTypeA))
	_, err = w.DeleteNamespace(t.Context(), &sdk.DeleteNamespaceInput{Id: &id})
	wantCode(t, err, "ResourceInUse")
	if _, err = w.DeleteService(t.Context(), &sdk.DeleteServiceInput{Id: &service}); err != nil {
		t.Fatal(err)
	}
	_, err = w.GetService(t.Context(), &sdk.GetServiceInput{Id: &service})
	wantCode(t, err, "ServiceNotFound")
	out, err := w.DeleteNamespace(t.Context(), &sdk.DeleteNamespaceInput{Id: &id})
	w.made(t, out.OperationId, err, types.OperationTargetTypeNamespace)
	_, err = w.GetNamespace(t.Context(), &sdk.GetNamespaceInput{Id: &id})
	wantCode(t, err, "NamespaceNotFound")
	_, err = w.dns.GetHostedZone(t.Context(), &r53.GetHostedZoneInput{Id: zone})
	wantCode(t, err, "NoSuchHostedZone")
}

func TestRefusedServices(t *testing.T) {
	w := newWorld(t)
	id := w.private(t, "corp.local")
	w.service(t, id, "taken", records(types.RecordTypeA))
	for name, tt := range map[string]struct {
		in   *sdk.CreateServiceInput
		code string
	}{
		"no namespace":  {&sdk.CreateServiceInput{Name: aws.String("a"), NamespaceId: aws.String("ns-x"), DnsConfig: records(types.RecordTypeA)}, "NamespaceNotFound"},
		"taken":         {&sdk.CreateServiceInput{Name: aws.String("taken"), NamespaceId: &id, DnsConfig: records(types.RecordTypeA)}, "ServiceAlreadyExists"},
		"no records":    {&sdk.CreateServiceInput{Name: aws.String("a"), NamespaceId: &id}, "InvalidInput"},
		"CNAME of many": {&sdk.CreateServiceInput{Name: aws.String("a"), NamespaceId: &id, DnsConfig: records(types.RecordTypeCname)}, "InvalidInput"},
		"probed":        {&sdk.CreateServiceInput{Name: aws.String("a"), NamespaceId: &id, DnsConfig: records(types.RecordTypeA), HealthCheckConfig: &types.HealthCheckConfig{Type: types.HealthCheckTypeHttp}}, "InvalidInput"},
	} {
		_, err := w.CreateService(t.Context(), tt.in)
		if got := servicetest.Code(err); got != tt.code {
			t.Errorf("%s: %s, want %s", name, got, tt.code)
		}
	}
	service := w.service(t, id, "srv", records(types.RecordTypeSrv))
	_, err := w.RegisterInstance(t.Context(), &sdk.RegisterInstanceInput{ServiceId: &service, InstanceId: aws.String("i"), Attributes: map[string]string{"AWS_INSTANCE_IPV4": "10.0.0.4"}})
	wantCode(t, err, "InvalidInput")
	_, err = w.GetInstance(t.Context(), &sdk.GetInstanceInput{ServiceId: &service, InstanceId: aws.String("i")})
	wantCode(t, err, "InstanceNotFound")
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	id := w.private(t, "corp.local")
	name := aws.String(scope.ARN("servicediscovery", "namespace/"+id))
	if _, err := w.TagResource(t.Context(), &sdk.TagResourceInput{ResourceARN: name, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}, {Key: aws.String("c"), Value: aws.String("")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceARN: name, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	got, err := w.ListTagsForResource(context.Background(), &sdk.ListTagsForResourceInput{ResourceARN: name})
	if err != nil || len(got.Tags) != 1 || *got.Tags[0].Key != "c" {
		t.Errorf("tags %+v, %v", got, err)
	}
	_, err = w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: aws.String(scope.ARN("servicediscovery", "service/srv-x"))})
	wantCode(t, err, "ResourceNotFoundException")
}
