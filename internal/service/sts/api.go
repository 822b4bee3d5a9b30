package sts

import (
	"context"
	"net/http"
	"time"

	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/service/iam"
	"apex/internal/store"
)

// The lives of sessions in seconds (API GetSessionToken and AssumeRole,
// DurationSeconds).
const (
	defaultUserSession = 43200
	defaultRoleSession = 3600
	longestChained     = 3600 // also the longest of the administrator's
)

func (s *Service) getCallerIdentity(_ context.Context, call *api.Call, _ *stsapi.GetCallerIdentityRequest) (*stsapi.GetCallerIdentityResponse, error) {
	return &stsapi.GetCallerIdentityResponse{
		Account: &call.Account, Arn: &call.Principal.ARN, UserId: &call.Principal.ID,
	}, nil
}

func (s *Service) getAccessKeyInfo(_ context.Context, _ *api.Call, in *stsapi.GetAccessKeyInfoRequest) (*stsapi.GetAccessKeyInfoResponse, error) {
	snap := s.store.Snapshot()
	if session, ok := Sessions.Get(snap, *in.AccessKeyId); ok {
		return &stsapi.GetAccessKeyInfoResponse{Account: &session.Spec.Account}, nil
	}
	if key, ok := iam.AccessKeys.Get(snap, *in.AccessKeyId); ok {
		return &stsapi.GetAccessKeyInfoResponse{Account: &key.Spec.Account}, nil
	}
	return nil, invalid("the access key %s is not one of this region", *in.AccessKeyId)
}

func (s *Service) getSessionToken(ctx context.Context, call *api.Call, in *stsapi.GetSessionTokenRequest) (*stsapi.GetSessionTokenResponse, error) {
	if err := checkNoDevice(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	seconds := api.Or(in.DurationSeconds, defaultUserSession)
	if call.Principal.Root {
		seconds = min(seconds, longestChained)
	}
	var issued Credentials
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		owner, ok := ownerOf(tx, call)
		if _, isSession := Sessions.Get(tx, call.Principal.AccessKeyID); isSession || !ok {
			return denied("Cannot call GetSessionToken with session credentials")
		}
		var err error
		issued, err = issue(tx, s.sealer, SessionSpec{
			Account: call.Account, Principal: during(call.Principal, &api.Session{Issued: call.Now}), Owner: owner,
			Expires: call.Now.Add(duration(seconds)),
		}, call.Now)
		return err
	})
	return &stsapi.GetSessionTokenResponse{Credentials: shape(issued)}, err
}

// checkDuration holds a session to what the role allows, and to an hour when one
// role takes on another.
func checkDuration(r store.Reader, call *api.Call, role iam.Role, seconds int64) error {
	if seconds > role.Spec.MaxSession {
		return invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if owner, _ := ownerOf(r, call); owner.Role != "" && seconds > longestChained {
		return invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	return nil
}

func duration(seconds int64) time.Duration { return time.Duration(seconds) * time.Second }

// checkNoDevice refuses codes of devices that the region does not have.
func checkNoDevice(serial, code *string) error {
	if serial != nil || code != nil {
		return invalid("SerialNumber, TokenCode: the region has no MFA devices")
	}
	return nil
}

func shape(c Credentials) *stsapi.Credentials {
	return &stsapi.Credentials{
		AccessKeyId: &c.AccessKeyID, SecretAccessKey: &c.Secret, SessionToken: &c.Token, Expiration: &c.Expires,
	}
}

func invalid(format string, args ...any) error {
	return api.Invalid("ValidationError", format, args...)
}

func denied(format string, args ...any) error {
	return api.Errorf("AccessDenied", http.StatusForbidden, format, args...)
}
