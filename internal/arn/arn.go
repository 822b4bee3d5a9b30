// Package arn names things in the region: Amazon Resource Names, and the scope
// (account and region) that every resource of the store belongs to.
package arn

import (
	"fmt"
	"strings"
)

// Partition is the only partition that the region serves.
const Partition = "aws"

// An ARN is an Amazon Resource Name:
// arn:partition:service:region:account:resource.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// Parse reads an ARN. The resource may itself hold colons.
func Parse(s string) (ARN, error) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return ARN{}, fmt.Errorf("parse ARN: %q: want arn:partition:service:region:account:resource", s)
	}
	return ARN{Partition: parts[1], Service: parts[2], Region: parts[3], Account: parts[4], Resource: parts[5]}, nil
}

// String returns the ARN as AWS writes it.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// Scope returns the account and region that the ARN names.
func (a ARN) Scope() Scope { return Scope{Account: a.Account, Region: a.Region} }
