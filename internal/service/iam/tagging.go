package iam

import (
	"reflect"
	"strings"

	"apex/internal/api"
)

// tagging is the action of giving tags, by service: a call that makes a resource
// with tags needs it too, with the key CreateAction where the service has one
// (Service authorization reference).
var tagging = map[string]struct{ action, create string }{
	"ec2":                     {"ec2:CreateTags", "ec2:createaction"},
	"ecs":                     {"ecs:TagResource", "ecs:createaction"},
	"elasticloadbalancing":    {"elasticloadbalancing:AddTags", "elasticloadbalancing:createaction"},
	"rds":                     {"rds:AddTagsToResource", ""},
	"elasticache":             {"elasticache:AddTagsToResource", ""},
	"secretsmanager":          {"secretsmanager:TagResource", ""},
	"logs":                    {"logs:TagResource", ""},
	"sns":                     {"sns:TagResource", ""},
	"sqs":                     {"sqs:TagQueue", ""},
	"ecr":                     {"ecr:TagResource", ""},
	"kms":                     {"kms:TagResource", ""},
	"ssm":                     {"ssm:AddTagsToResource", ""},
	"acm":                     {"acm:AddTagsToCertificate", ""},
	"monitoring":              {"cloudwatch:TagResource", ""},
	"events":                  {"events:TagResource", ""},
	"scheduler":               {"scheduler:TagResource", ""},
	"application-autoscaling": {"application-autoscaling:TagResource", ""},
	"wafv2":                   {"wafv2:TagResource", ""},
	"xray":                    {"xray:TagResource", ""},
}

// iamTagging are IAM's actions of giving tags by what is made.
var iamTagging = map[string]string{
	"CreateRole": "iam:TagRole", "CreateUser": "iam:TagUser", "CreatePolicy": "iam:TagPolicy",
	"CreateInstanceProfile": "iam:TagInstanceProfile", "CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
}

// makes are the beginnings of operations that make something.
var makes = []string{"Create", "Allocate", "Register", "Run", "Put", "Request", "Import", "Restore", "Copy"}

// tagDemand returns what a call needs for the tags that it makes something with.
func tagDemand(call *api.Call, input reflect.Value, resource string) (demand, bool) {
	op := call.Route.Name
	if op == "CreateTags" || !isMaking(op) || len(tagsIn(input)) == 0 {
		return demand{}, false
	}
	if call.Route.Service.SigningName == "iam" {
		return demand{action: iamTagging[op], resource: resource}, iamTagging[op] != ""
	}
	t, ok := tagging[call.Route.Service.SigningName]
	d := demand{action: t.action, resource: resource}
	if t.create != "" {
		d.keys = map[string][]string{t.create: {op}}
	}
	return d, ok
}

func isMaking(op string) bool {
	for _, prefix := range makes {
		if strings.HasPrefix(op, prefix) {
			return true
		}
	}
	return false
}
