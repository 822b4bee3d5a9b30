package iam

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
)

// A keyring finds the values of the condition keys of a call as they are asked
// for: most calls are decided without one.
type keyring struct {
	call     *api.Call
	in       any // the call's input, or nil
	caller   *caller
	action   string
	resource *service.Resource
	extra    map[string][]string // keys that are known already
	service  string              // the service that asks in its own name
}

// Values implements policy.Context.
func (k *keyring) Values(key string) []string {
	if v, ok := k.extra[key]; ok {
		return v
	}
	prefix, name, _ := strings.Cut(key, ":")
	if name, tagged := strings.CutPrefix(name, "resourcetag/"); tagged {
		return tagValue(k.resource.Tags, name)
	}
	if prefix == "aws" {
		return k.global(name)
	}
	if v, ok := k.resource.Keys[key]; ok {
		return v
	}
	if session := k.caller.session; session != nil && session.Keys[key] != "" {
		return one(session.Keys[key])
	}
	return k.ofInput(prefix, name)
}

// global returns the value of a global key (IAM user guide, Global condition
// context keys).
func (k *keyring) global(name string) []string {
	switch kind, rest, _ := strings.Cut(name, "/"); kind {
	case "principaltag":
		return tagValue(k.caller.tags, rest)
	case "requesttag":
		return tagValue(tagsIn(k.input()), rest)
	case "tagkeys":
		return tagKeysIn(k.input())
	}
	if v := k.ofPrincipal(name); v != nil {
		return v
	}
	switch name {
	case "currenttime":
		return one(k.call.Now.UTC().Format(time.RFC3339))
	case "epochtime":
		return one(fmt.Sprint(k.call.Now.Unix()))
	case "requestedregion":
		return one(k.call.Region)
	case "useragent":
		return one(k.call.UserAgent)
	case "securetransport":
		return one("true") // what is said over loopback or in a VPC leaves no machine: decision 0018
	case "viaawsservice":
		return one("false")
	case "sourceip":
		if k.call.SourceIP.IsValid() {
			return one(k.call.SourceIP.String())
		}
	case "resourceaccount":
		return one(k.resource.Account)
	}
	return nil
}

// ofPrincipal returns the value of a key that speaks of the caller.
func (k *keyring) ofPrincipal(name string) []string {
	if k.service != "" {
		switch name {
		case "principalisawsservice":
			return one("true")
		case "principalservicename":
			return one(k.service)
		}
		return nil
	}
	switch name {
	case "principalarn":
		return one(k.caller.source)
	case "principalaccount":
		return one(k.caller.principal.Account)
	case "principaltype":
		return one(k.caller.kind)
	case "principalisawsservice":
		return one("false")
	case "userid":
		return one(k.call.Principal.ID)
	case "username":
		return one(k.caller.name)
	}
	return k.ofSession(name)
}

// ofSession returns the value of a key that only temporary credentials have.
func (k *keyring) ofSession(name string) []string {
	session := k.caller.session
	if session == nil {
		return nil
	}
	switch name {
	case "multifactorauthpresent":
		return one("false") // the region has no MFA devices
	case "tokenissuetime":
		return one(session.Issued.UTC().Format(time.RFC3339))
	case "sourceidentity":
		return one(session.SourceIdentity)
	}
	return one(session.Keys["aws:"+name])
}

// one is the only value of a key, or none if it is empty.
func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func tagValue(tags map[string]string, name string) []string {
	for k, v := range tags {
		if strings.EqualFold(k, name) {
			return []string{v}
		}
	}
	return nil
}

func (k *keyring) input() reflect.Value {
	if k.in == nil {
		return reflect.Value{}
	}
	return reflect.Indirect(reflect.ValueOf(k.in))
}

// inputKeys are service keys that are not named like the member that has them.
var inputKeys = map[string]string{
	"rds:databaseclass": "DBInstanceClass", "rds:databaseengine": "Engine", "rds:databasename": "DBName", "rds:multiaz": "MultiAZ",
	"rds:storagesize": "AllocatedStorage", "rds:storageencrypted": "StorageEncrypted",
	"ecs:enable-execute-command": "EnableExecuteCommand", "ecs:container-name": "Container",
	"elasticloadbalancing:securitygroup": "SecurityGroups", "elasticloadbalancing:subnet": "Subnets",
	"elasticache:cachenodetype": "CacheNodeType", "elasticache:engineversion": "EngineVersion",
}

// ofInput returns the value of a service's key: a member of the request that has
// its name.
func (k *keyring) ofInput(prefix, name string) []string {
	in := k.input()
	if !in.IsValid() || in.Kind() != reflect.Struct {
		return nil
	}
	scope := arn.Scope{Account: k.call.Account, Region: k.call.Region}
	switch prefix + ":" + name {
	case "ecs:cluster":
		return fullNames(texts(in, "Cluster"), func(s string) string { return scope.ARN("ecs", "cluster/"+s) })
	case "ecs:task-definition":
		return fullNames(texts(in, "TaskDefinition"), func(s string) string { return scope.ARN("ecs", "task-definition/"+s) })
	case "secretsmanager:secretid":
		return one(k.resource.ARN)
	case "ec2:vpc":
		return fullNames(texts(in, "VpcId"), func(s string) string { return scope.ARN("ec2", "vpc/"+s) })
	case "ec2:region":
		return one(k.call.Region)
	case "kms:calleraccount":
		return one(k.caller.principal.Account)
	case "kms:encryptioncontextkeys":
		return slices.Sorted(maps.Keys(mapOf(in, "EncryptionContext")))
	}
	if keyed, entry, ok := strings.Cut(name, ":"); ok { // kms:EncryptionContext:KEY
		return tagValue(mapOf(in, keyed), entry)
	}
	if member := inputKeys[prefix+":"+name]; member != "" {
		return scalars(in.FieldByName(member))
	}
	return scalars(in.FieldByNameFunc(func(member string) bool { return strings.EqualFold(member, name) }))
}

func fullNames(list []string, full func(string) string) []string {
	var out []string
	for _, name := range list {
		if !strings.HasPrefix(name, "arn:") {
			name = full(name)
		}
		out = append(out, name)
	}
	return out
}
