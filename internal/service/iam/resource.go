package iam

import (
	"reflect"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/store"
)

// anyResource is the resource of an action that names none; only a policy for
// every resource allows it.
const anyResource = "*"

// A naming makes the ARN of a resource out of a member of the request that names
// it otherwise.
type naming struct {
	member string
	build  func(n names, name string) string
}

// names is what a naming may look at.
type names struct {
	reader store.Reader
	scope  arn.Scope
	input  reflect.Value
}

// namings say by service which member names the resource that an action is
// decided on: the first that is there (Service authorization reference). Actions
// of other services are decided on the ARNs that their inputs give.
var namings = map[string][]naming{
	"ecs": {
		{"Service", inCluster("service")},
		{"ServiceName", inCluster("service")},
		{"Services", inCluster("service")},
		{"Task", inCluster("task")},
		{"Tasks", inCluster("task")},
		{"TaskDefinition", named("ecs", "task-definition/")},
		{"Family", func(n names, name string) string { return n.scope.ARN("ecs", "task-definition/"+name+":*") }},
		{"Cluster", named("ecs", "cluster/")},
		{"ClusterName", named("ecs", "cluster/")},
		{"Clusters", named("ecs", "cluster/")},
	},
	"ecr": {
		{"RepositoryName", named("ecr", "repository/")},
		{"RepositoryNames", named("ecr", "repository/")},
	},
	"elasticache": {
		{"ReplicationGroupId", named("elasticache", "replicationgroup:")},
		{"CacheClusterId", named("elasticache", "cluster:")},
		{"CacheSubnetGroupName", named("elasticache", "subnetgroup:")},
		{"CacheParameterGroupName", named("elasticache", "parametergroup:")},
		{"SnapshotName", named("elasticache", "snapshot:")},
		{"UserId", named("elasticache", "user:")},
		{"UserGroupId", named("elasticache", "usergroup:")},
		{"ResourceName", named("elasticache", "")},
	},
	"iam": {
		{"InstanceProfileName", func(n names, name string) string { return arnOf(n.scope.Account, "instance-profile", n.path(), name) }},
		{"RoleName", func(n names, name string) string {
			if role, ok := Roles.Get(n.reader, key(n.scope.Account, name)); ok {
				return role.Spec.ARN
			}
			return arnOf(n.scope.Account, "role", n.path(), name)
		}},
		{"UserName", func(n names, name string) string {
			user, _ := Users.Get(n.reader, key(n.scope.Account, name))
			return orElse(user.Spec.ARN, arnOf(n.scope.Account, "user", n.path(), name))
		}},
		{"GroupName", func(n names, name string) string {
			group, _ := Groups.Get(n.reader, key(n.scope.Account, name))
			return orElse(group.Spec.ARN, arnOf(n.scope.Account, "group", n.path(), name))
		}},
		{"PolicyName", func(n names, name string) string { return arnOf(n.scope.Account, "policy", n.path(), name) }},
		{"Url", func(n names, url string) string {
			return n.scope.Global().ARN("iam", "oidc-provider/"+strings.TrimPrefix(url, "https://"))
		}},
	},
	"kms": {
		{"KeyId", keyOrAlias},
		{"TargetKeyId", keyOrAlias},
		{"AliasName", keyOrAlias},
	},
	"monitoring": {
		{"AlarmName", named("cloudwatch", "alarm:")},
		{"AlarmNames", named("cloudwatch", "alarm:")},
		{"DashboardName", func(n names, name string) string { return n.scope.Global().ARN("cloudwatch", "dashboard/"+name) }},
		{"DashboardNames", func(n names, name string) string { return n.scope.Global().ARN("cloudwatch", "dashboard/"+name) }},
	},
	"events": {
		{"Rule", eventRule},
		{"Name", func(n names, name string) string {
			if strings.Contains(n.input.Type().Name(), "EventBus") {
				return n.scope.ARN("events", "event-bus/"+name)
			}
			return eventRule(n, name)
		}},
		{"EventBusName", named("events", "event-bus/")},
	},
	"wafv2": {{"Id", func(n names, id string) string {
		area, kind, name := "regional", "webacl", ""
		if scope := texts(n.input, "Scope"); len(scope) > 0 && scope[0] == "CLOUDFRONT" {
			area = "global"
		}
		for word, of := range map[string]string{"IPSet": "ipset", "RegexPatternSet": "regexpatternset", "RuleGroup": "rulegroup"} {
			if strings.Contains(n.input.Type().Name(), word) {
				kind = of
			}
		}
		if given := texts(n.input, "Name"); len(given) > 0 {
			name = given[0]
		}
		return n.scope.ARN("wafv2", area+"/"+kind+"/"+name+"/"+id)
	}}},
	"scheduler": {{"Name", func(n names, name string) string {
		if strings.Contains(n.input.Type().Name(), "ScheduleGroup") {
			return n.scope.ARN("scheduler", "schedule-group/"+name)
		}
		group := "default"
		if given := texts(n.input, "GroupName"); len(given) > 0 {
			group = given[0]
		}
		return n.scope.ARN("scheduler", "schedule/"+group+"/"+name)
	}}},
	"sns": {
		{"TopicArn", named("sns", "")},
		{"Name", named("sns", "")},
	},
	"elasticloadbalancing": {{"Name", func(n names, name string) string {
		switch n.input.Type().Name() {
		case "CreateLoadBalancerInput":
			return n.scope.ARN("elasticloadbalancing", "loadbalancer/app/"+name+"/*")
		case "CreateTargetGroupInput":
			return n.scope.ARN("elasticloadbalancing", "targetgroup/"+name+"/*")
		}
		return anyResource
	}}},
	"sqs": {
		{"QueueUrl", func(n names, url string) string { return n.scope.ARN("sqs", url[strings.LastIndex(url, "/")+1:]) }},
		{"QueueName", named("sqs", "")},
	},
	"logs": {
		{"LogGroupName", func(n names, name string) string {
			stream := ""
			if given := texts(n.input, "LogStreamName"); len(given) == 1 {
				stream = given[0]
			}
			return n.scope.ARN("logs", "log-group:"+name+":log-stream:"+stream)
		}},
	},
	"rds": {
		{"DBInstanceIdentifier", named("rds", "db:")},
		{"DBSubnetGroupName", named("rds", "subgrp:")},
		{"DBParameterGroupName", named("rds", "pg:")},
		{"OptionGroupName", named("rds", "og:")},
		{"DBSnapshotIdentifier", named("rds", "snapshot:")},
		{"SubscriptionName", named("rds", "es:")},
		{"DBClusterIdentifier", named("rds", "cluster:")},
		{"DBClusterParameterGroupName", named("rds", "cluster-pg:")},
		{"DBClusterSnapshotIdentifier", named("rds", "cluster-snapshot:")},
		{"DBClusterEndpointIdentifier", named("rds", "cluster-endpoint:")},
		{"ResourceName", named("rds", "")},
	},
	"cloudfront": {
		{"DistributionId", func(n names, id string) string { return n.scope.Global().ARN("cloudfront", "distribution/"+id) }},
		{"Id", edge},
		{"Name", edge},
	},
	"route53": {
		{"HostedZoneId", hosted},
		{"HealthCheckId", func(_ names, id string) string { return "arn:aws:route53:::healthcheck/" + id }},
		{"Id", hosted},
	},
	"ssm": {
		{"Name", parameter},
		{"Names", parameter},
		{"Path", parameter},
		{"ResourceId", parameter},
	},
	"secretsmanager": {
		{"SecretId", named("secretsmanager", "secret:")},
		{"Name", named("secretsmanager", "secret:")},
	},
}

// path is the path that a request gives to what it makes.
func (n names) path() string {
	if given := texts(n.input, "Path"); len(given) == 1 {
		return given[0]
	}
	return "/"
}

// keyOrAlias names a key by its ID or by an alias.
func keyOrAlias(n names, name string) string {
	if strings.HasPrefix(name, "alias/") {
		return n.scope.ARN("kms", name)
	}
	return n.scope.ARN("kms", "key/"+name)
}

// parameter names a parameter without the version that may follow its name.
func parameter(n names, name string) string {
	name, _, _ = strings.Cut(name, ":")
	return n.scope.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
}

// eventRule names a rule of EventBridge on the bus that the request gives.
func eventRule(n names, name string) string {
	if bus := texts(n.input, "EventBusName"); len(bus) > 0 && bus[0] != "default" {
		name = bus[0][strings.LastIndex(bus[0], "/")+1:] + "/" + name
	}
	return n.scope.ARN("events", "rule/"+name)
}

func named(service, prefix string) func(names, string) string {
	return func(n names, name string) string { return n.scope.ARN(service, prefix+name) }
}

// edge names a resource of CloudFront, whose kind is that of the operation.
func edge(n names, id string) string {
	kind := "distribution"
	for part, k := range map[string]string{
		"CachePolicy": "cache-policy", "OriginRequestPolicy": "origin-request-policy", "ResponseHeadersPolicy": "response-headers-policy",
		"OriginAccessControl": "origin-access-control", "OriginAccessIdentity": "origin-access-identity", "Function": "function",
	} {
		if strings.Contains(n.input.Type().Name(), part) {
			kind = k
		}
	}
	return n.scope.Global().ARN("cloudfront", kind+"/"+id)
}

// hosted names a hosted zone of Route 53, or what else has an id alone. Neither
// region nor account stands in its names.
func hosted(n names, id string) string {
	kind := "hostedzone"
	switch n.input.Type().Name() {
	case "GetChangeRequest":
		kind = "change"
	case "GetReusableDelegationSetRequest", "DeleteReusableDelegationSetRequest":
		kind = "delegationset"
	case "GetQueryLoggingConfigRequest", "DeleteQueryLoggingConfigRequest":
		kind = "queryloggingconfig"
	}
	return "arn:aws:route53:::" + kind + "/" + id[strings.LastIndexByte(id, '/')+1:]
}

// inCluster names what lives in the cluster that the request gives, by name or
// by ARN.
func inCluster(kind string) func(names, string) string {
	return func(n names, name string) string {
		cluster := "default"
		if given := texts(n.input, "Cluster"); len(given) > 0 {
			cluster = given[0][strings.LastIndex(given[0], "/")+1:]
		}
		return n.scope.ARN("ecs", kind+"/"+cluster+"/"+name)
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// resourcesOf returns the ARNs that a call acts on, or anyResource.
func resourcesOf(r store.Reader, call *api.Call, in any) []string {
	n := names{r, arn.Scope{Account: call.Account, Region: call.Region}, reflect.Indirect(reflect.ValueOf(in))}
	service, op := call.Route.Service.SigningName, call.Route.Name
	var list []string
	switch {
	case isBare(service, op):
	case service == "ec2":
		list = ec2Resources(n, op)
	default:
		if list = n.byMember(service); len(list) == 0 {
			list = n.byARN(call)
		}
	}
	if len(list) == 0 {
		return []string{orElse(kindOf(n, service, op), anyResource)}
	}
	return list
}

// byMember names what the members of the input name.
func (n names) byMember(service string) (list []string) {
	for _, naming := range namings[service] {
		for _, name := range texts(n.input, naming.member) {
			if !strings.HasPrefix(name, "arn:") {
				name = naming.build(n, name)
			}
			list = append(list, name)
		}
		if len(list) > 0 && !several[service] {
			return list
		}
	}
	return list
}

// byARN returns the ARNs in the input that are no roles to act with.
func (n names) byARN(call *api.Call) (list []string) {
	for i := range n.input.NumField() {
		for _, text := range texts(n.input, n.input.Type().Field(i).Name) {
			if strings.HasPrefix(text, "arn:") && !(usesRoles(call) && isRole(text)) {
				list = append(list, text)
			}
		}
	}
	return list
}
