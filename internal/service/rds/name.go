package rds

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
)

// The kinds of resources, as their ARNs name them.
const (
	kindInstance       = "db"
	kindSubnetGroup    = "subgrp"
	kindParameterGroup = "pg"
	kindOptionGroup    = "og"
	kindSnapshot       = "snapshot"
	kindSubscription   = "es"

	kindCluster         = "cluster"
	kindClusterGroup    = "cluster-pg"
	kindClusterSnapshot = "cluster-snapshot"
	kindClusterEndpoint = "cluster-endpoint"
)

func arnOf(scope arn.Scope, kind, name string) string { return scope.ARN("rds", kind+":"+name) }

// endpointName is the name that clients connect to. Its second label stands for
// the account in the region, as AWS's does.
func endpointName(scope arn.Scope, id string) string {
	return fmt.Sprintf("%s.%s.%s.rds.amazonaws.com", id, accountLabel(scope), scope.Region)
}

// clusterName is a name that clients of a cluster connect to.
func clusterName(scope arn.Scope, id, label string) string {
	return fmt.Sprintf("%s.%s-%s.%s.rds.amazonaws.com", id, label, accountLabel(scope), scope.Region)
}

// hostedZone is the zone that holds all endpoints' names.
const hostedZone = "Z2R2ITUGPM61AM"

func accountLabel(scope arn.Scope) string {
	sum := sha256.Sum256([]byte(scope.Prefix()))
	return "c" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:11])
}

var (
	idPattern       = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)
	groupPattern    = regexp.MustCompile(`^[a-z]([a-z0-9 ._-]*[a-z0-9._])?$`)
	databasePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	userPattern     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,31}$`)
	passwordPattern = regexp.MustCompile(`^[!-~]{8,41}$`)
)

// checkID returns an identifier of an instance as it is kept: in lower case.
func checkID(given string) (string, error) {
	id := strings.ToLower(given)
	if !idPattern.MatchString(id) || len(id) > 63 {
		return "", invalid("The parameter DBInstanceIdentifier is not a valid identifier: %s", given)
	}
	return id, nil
}

func checkGroupName(member, given string) (string, error) {
	name := strings.ToLower(given)
	if !groupPattern.MatchString(name) || len(name) > 255 {
		return "", invalid("The parameter %s is not a valid identifier: %s", member, given)
	}
	return name, nil
}

func checkPassword(password string) error {
	if !passwordPattern.MatchString(password) || strings.ContainsAny(password, `/@"`) {
		return invalid("The parameter MasterUserPassword is not a valid password: 8 to 41 printable ASCII characters besides '/', '@', '\"', ' ' may be used")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return api.Invalid("InvalidParameterValue", format, args...)
}

func combination(format string, args ...any) error {
	return api.Invalid("InvalidParameterCombination", format, args...)
}
