package iam

import "strings"

// bare are the operations, by the beginnings of their names, that are decided on
// no resource whatever their requests name (Service authorization reference).
var bare = map[string][]string{
	"elasticloadbalancing":    {"Describe"},
	"application-autoscaling": {"Describe"},
	"secretsmanager":          {"ListSecrets", "GetRandomPassword", "BatchGetSecretValue"},
	"ecs":                     {"ListClusters", "ListTaskDefinition", "RegisterTaskDefinition", "DeregisterTaskDefinition", "DescribeTaskDefinition", "CreateCluster"},
	"acm":                     {"ListCertificates", "RequestCertificate"},
	"kms":                     {"CreateKey", "ListKeys", "ListAliases"},
	"sns":                     {"ListTopics", "ListSubscriptions"},
}

// kinds are the resources of operations that name none: all of a kind.
var kinds = map[string]map[string]string{
	"rds": {
		"DescribeDBInstances": "db:*", "DescribeDBSubnetGroups": "subgrp:*", "DescribeDBParameterGroups": "pg:*",
		"DescribeDBClusters": "cluster:*", "DescribeDBSnapshots": "snapshot:*", "DescribeOptionGroups": "og:*",
		"DescribeDBClusterParameterGroups": "cluster-pg:*", "DescribeDBClusterSnapshots": "cluster-snapshot:*",
	},
	"elasticache": {
		"DescribeReplicationGroups": "replicationgroup:*", "DescribeCacheClusters": "cluster:*",
		"DescribeCacheSubnetGroups": "subnetgroup:*", "DescribeCacheParameterGroups": "parametergroup:*",
	},
	"logs":       {"DescribeLogGroups": "log-group::log-stream:"},
	"monitoring": {"DescribeAlarms": "alarm:*"},
	"ecs":        {"DescribeClusters": "cluster/default"},
	"iam":        {"ListRoles": "role/", "ListUsers": "user/", "ListGroups": "group/", "ListPolicies": "policy/", "ListInstanceProfiles": "instance-profile/"},
	"ecr":        {"DescribeRepositories": "repository/*"},
}

// several are services whose calls are decided on every resource that they name,
// and not on the first alone.
var several = map[string]bool{"rds": true, "elasticache": true}

func isBare(service, op string) bool {
	for _, prefix := range bare[service] {
		if strings.HasPrefix(op, prefix) {
			return true
		}
	}
	return false
}

// kindOf returns the resource of an operation that named none, or nothing.
func kindOf(n names, service, op string) string {
	kind := kinds[service][op]
	if kind == "" {
		return ""
	}
	if service == "monitoring" {
		service = "cloudwatch"
	}
	scope := n.scope
	if service == "iam" {
		scope = scope.Global()
	}
	return scope.ARN(service, kind)
}
