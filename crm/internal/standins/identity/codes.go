package identity

import (
	"context"
	"net/url"
)

// The kinds of codes that are sent by mail.
const (
	passwordReset = "PASSWORD_RESET"
	verifyEmail   = "VERIFY_EMAIL"
)

// sendCode makes a code. The real service mails a link with it, to the page
// that its console names: here that is the studio's own, /login. The stand-in
// sends no mail and answers the link as oobLink, for the page to show.
func (s *Service) sendCode(ctx context.Context, c call) (any, error) {
	var a Account
	var err error
	switch c.RequestType {
	case passwordReset:
		address, fault := clean(c.Email)
		if fault != nil {
			return nil, fault
		}
		var ok bool
		if a, ok, err = s.byEmail(ctx, address); err == nil && !ok {
			return map[string]string{"email": address}, nil // who has an account is nobody's business
		}
	case verifyEmail:
		a, err = s.caller(ctx, c.IDToken)
	default:
		err = badRequestType
	}
	if err != nil {
		return nil, err
	}
	code, err := s.issue(ctx, kindCode, grant{User: a.ID, Kind: c.RequestType, Authenticated: s.now()}, codeLasts)
	if err != nil {
		return nil, err
	}
	mode := map[string]string{passwordReset: "resetPassword", verifyEmail: "verifyEmail"}[c.RequestType]
	link := "/login?" + url.Values{"mode": {mode}, "oobCode": {code}, "continueUrl": {c.ContinueURL}}.Encode()
	if at, err := url.Parse(c.ContinueURL); err == nil && at.Host != "" {
		link = at.Scheme + "://" + at.Host + link
	}
	return map[string]string{"email": a.Email, "oobLink": link}, nil
}

// resetPassword sets a new password, or without one tells whose code it is.
func (s *Service) resetPassword(ctx context.Context, c call) (any, error) {
	a, err := s.ofCode(ctx, c.OobCode, passwordReset)
	if err != nil {
		return nil, err
	}
	answer := map[string]string{"email": a.Email, "requestType": passwordReset}
	if c.NewPassword == "" {
		return answer, nil
	}
	if err := a.setPassword(c.NewPassword); err != nil {
		return nil, err
	}
	a.ValidSince, a.Verified = s.now().UTC(), true // who reads the mail owns the address
	if err := s.put(ctx, a); err != nil {
		return nil, err
	}
	return answer, s.store.Delete(ctx, kindCode, sum(c.OobCode))
}

func (s *Service) verifyEmail(ctx context.Context, code string) (any, error) {
	a, err := s.ofCode(ctx, code, verifyEmail)
	if err != nil {
		return nil, err
	}
	a.Verified = true
	if err := s.put(ctx, a); err != nil {
		return nil, err
	}
	return map[string]any{"localId": a.ID, "email": a.Email, "emailVerified": true}, s.store.Delete(ctx, kindCode, sum(code))
}

func (s *Service) ofCode(ctx context.Context, code, kind string) (Account, error) {
	a, g, err := s.holder(ctx, kindCode, code, badCode)
	if err == nil && g.Kind != kind {
		err = badCode
	}
	return a, err
}
