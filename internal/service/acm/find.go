package acm

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// find returns the certificate that a call names.
func find(r store.Reader, call *api.Call, name *string) (Certificate, error) {
	a, err := arn.Parse(api.Val(name))
	if err != nil || a.Service != signingName {
		return Certificate{}, acmapi.NewInvalidArnException("%s is not an ACM certificate's ARN", api.Val(name))
	}
	c, ok := Certificates.Get(r, a.Scope().Key(a.Resource))
	if !ok || a.Scope() != scopeOf(call) {
		return Certificate{}, acmapi.NewResourceNotFoundException("Could not find certificate %s", api.Val(name))
	}
	return c, nil
}

// change edits a certificate's Spec in one transaction.
func (s *Service) change(ctx context.Context, call *api.Call, name *string, edit func(*Certificate) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		found, err := find(tx, call, name)
		if err != nil {
			return err
		}
		Certificates.Modify(tx, found.Key, func(c *Certificate) { err = edit(c) })
		return err
	})
}

// invalid refuses a value of a member, as the service's front does.
func invalid(format string, args ...any) *api.Error {
	return api.Invalid("ValidationException", format, args...)
}
