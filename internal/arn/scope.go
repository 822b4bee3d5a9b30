package arn

import "strings"

// A Scope is where a resource lives: one region of one account. The store's keys
// begin with it, so that several accounts and regions are only values in keys.
type Scope struct {
	Account string // twelve digits
	Region  string // "us-east-1"; empty for the global services
}

// Prefix returns what all keys of the scope begin with: "account/region/".
func (s Scope) Prefix() string { return s.Account + "/" + s.Region + "/" }

// Key returns the store key of a resource of the scope: "account/region/id".
func (s Scope) Key(id string) string { return s.Prefix() + id }

// ARN returns the name of a resource of the scope.
func (s Scope) ARN(service, resource string) string {
	return ARN{Partition: Partition, Service: service, Region: s.Region, Account: s.Account, Resource: resource}.String()
}

// Global returns the scope of the account's resources that no region holds, such
// as IAM roles.
func (s Scope) Global() Scope { return Scope{Account: s.Account} }

// SplitKey undoes Key. A key that no scope made yields its whole text as the id.
func SplitKey(key string) (Scope, string) {
	account, rest, ok := strings.Cut(key, "/")
	if !ok {
		return Scope{}, key
	}
	region, id, ok := strings.Cut(rest, "/")
	if !ok {
		return Scope{}, key
	}
	return Scope{Account: account, Region: region}, id
}
