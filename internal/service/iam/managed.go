package iam

import (
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// ManagedDocument returns the document in force of a managed policy.
func ManagedDocument(r store.Reader, account, name string) (string, error) {
	p, err := managed(r, account, name)
	return p.inForce(), err
}

// CheckSessionPolicy answers what is wrong with a session policy, in AWS's words.
func CheckSessionPolicy(text string) error {
	_, err := policy.ParseIdentity(text)
	return err
}
