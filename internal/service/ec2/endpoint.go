package ec2

import (
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/arn"
)

// An Endpoint is a VPC's own way to a service. The region's services answer every
// VPC at its router, endpoint or not: what an endpoint asks for is kept.
type Endpoint struct {
	Key  string
	Spec EndpointSpec
}

// ID returns "vpce-…".
func (e Endpoint) ID() string { return idOf(e.Key) }

// EndpointSpec is what the caller asked for.
type EndpointSpec struct {
	VPCID       string
	Service     string
	Type        string
	Policy      string
	RouteTables []string
	Interfaces  []EndpointInterface
	Groups      []string
	PrivateDNS  bool
	IPType      string
	RecordType  string
	InboundOnly bool // the private name is for inbound resolver endpoints only
	CreatedAt   time.Time
}

// An EndpointInterface is an endpoint's interface in a subnet.
type EndpointInterface struct{ SubnetID, InterfaceID string }

// endpointInterface is the type of an endpoint's interface.
const endpointInterface = "vpc_endpoint"

// hollow reports whether an interface has no namespace: nothing listens there.
func (s NetworkInterfaceSpec) hollow() bool {
	return s.Type == natInterface || s.Type == endpointInterface
}

// The policy that an endpoint has when none is given: it admits everything.
const fullAccess = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// interfaceServices are what interface endpoints can lead to, by the last part of
// their names.
var interfaceServices = []string{
	"acm-pca", "application-autoscaling", "athena", "autoscaling", "cloudformation", "cloudtrail", "codebuild", "codedeploy",
	"ec2", "ec2messages", "ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "elasticache", "elasticfilesystem",
	"elasticloadbalancing", "events", "execute-api", "kinesis-firehose", "kinesis-streams", "kms", "lambda", "logs", "monitoring", "rds",
	"rds-data", "s3", "scheduler", "secretsmanager", "servicecatalog", "sns", "sqs", "ssm", "ssmmessages", "states", "sts", "wafv2", "xray",
}

// gatewayServices are what gateway endpoints can lead to.
var gatewayServices = []string{"dynamodb", "s3"}

// offered reports whether endpoints of a type can lead to a service.
func offered(scope arn.Scope, service, kind string) bool {
	name, ok := strings.CutPrefix(service, gatewayService(scope, ""))
	if !ok {
		return false
	}
	return slices.Contains(map[string][]string{
		ec2api.VpcEndpointTypeGateway: gatewayServices, ec2api.VpcEndpointTypeInterface: interfaceServices,
	}[kind], name)
}

// hostName is the name under which a service of the region is known: "ecr.api"
// answers as api.ecr.REGION.amazonaws.com.
func hostName(service, region string) string {
	parts := strings.Split(service, ".")
	slices.Reverse(parts)
	return strings.Join(parts, ".") + "." + region + ".amazonaws.com"
}

// serviceDetails describes all that endpoints can lead to, in the order of names.
func serviceDetails(scope arn.Scope) []ec2api.ServiceDetail {
	var all []ec2api.ServiceDetail
	var zones []string
	for _, z := range zonesOf(scope.Region) {
		zones = append(zones, *z.ZoneName)
	}
	add := func(name, kind string) {
		service := gatewayService(scope, name)
		detail := ec2api.ServiceDetail{
			ServiceName: &service, ServiceId: api.Ptr("vpce-svc-" + shortHash(service+kind)), Owner: api.Ptr("amazon"),
			ServiceType: []ec2api.ServiceTypeDetail{{ServiceType: &kind}}, AvailabilityZones: zones, ServiceRegion: api.Ptr(scope.Region),
			BaseEndpointDnsNames: []string{hostName(name, scope.Region)}, AcceptanceRequired: api.Ptr(false),
			ManagesVpcEndpoints: api.Ptr(false), VpcEndpointPolicySupported: api.Ptr(true), SupportedIpAddressTypes: []string{"ipv4"},
		}
		if kind == ec2api.VpcEndpointTypeInterface {
			host := hostName(name, scope.Region)
			detail.BaseEndpointDnsNames = []string{name + "." + scope.Region + ".vpce.amazonaws.com"}
			detail.PrivateDnsName, detail.PrivateDnsNames = &host, []ec2api.PrivateDnsDetails{{PrivateDnsName: &host}}
		}
		all = append(all, detail)
	}
	for _, name := range gatewayServices {
		add(name, ec2api.VpcEndpointTypeGateway)
	}
	for _, name := range interfaceServices {
		add(name, ec2api.VpcEndpointTypeInterface)
	}
	slices.SortStableFunc(all, func(a, b ec2api.ServiceDetail) int { return compareText(a.ServiceName, b.ServiceName) })
	return all
}

// dnsEntries are the names of an interface endpoint.
func (v view) dnsEntries(e Endpoint) []ec2api.DnsEntry {
	if e.Spec.Type != ec2api.VpcEndpointTypeInterface {
		return nil
	}
	name := strings.TrimPrefix(e.Spec.Service, gatewayService(v.scope, ""))
	base := "." + name + "." + v.scope.Region + ".vpce.amazonaws.com"
	host := e.ID() + "-" + shortHash(e.ID())[:8]
	names := []string{host + base}
	for _, at := range e.Spec.Interfaces {
		if s, ok := Subnets.Get(v.r, v.key(at.SubnetID)); ok {
			names = append(names, host+"-"+s.Spec.Zone+base)
		}
	}
	if e.Spec.PrivateDNS {
		names = append(names, hostName(name, v.scope.Region))
	}
	var entries []ec2api.DnsEntry
	for _, n := range names {
		entries = append(entries, ec2api.DnsEntry{DnsName: &n, HostedZoneId: api.Ptr("Z7HUB22UULQXV")})
	}
	return entries
}

// endpointRoutes are the routes that a table has by the gateway endpoints that
// name it.
func (v view) endpointRoutes(tableID string) []Route {
	var routes []Route
	for _, e := range gather(v, &v.indexed().byTable, Endpoints, func(m map[string][]Endpoint, e Endpoint) {
		for _, id := range e.Spec.RouteTables {
			m[id] = append(m[id], e)
		}
	})[tableID] {
		if list, ok := findManaged(v.scope, e.Spec.Service); ok {
			routes = append(routes, Route{PrefixList: list.id, Target: e.ID()})
		}
	}
	return routes
}
