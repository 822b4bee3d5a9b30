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
	if in.SerialNumber != nil || in.TokenCode != nil {
		return nil, invalid("SerialNumber, TokenCode: the region has no MFA devices")
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
			Account: call.Account, Principal: call.Principal, Owner: owner, Expires: call.Now.Add(duration(seconds)),
		}, call.Now)
		return err
	})
	return &stsapi.GetSessionTokenResponse{Credentials: shape(issued)}, err
}

func (s *Service) assumeRole(ctx context.Context, call *api.Call, in *stsapi.AssumeRoleRequest) (*stsapi.AssumeRoleResponse, error) {
	if err := checkBuilt(in); err != nil {
		return nil, err
	}
	out := &stsapi.AssumeRoleResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		role, ok := roleOf(tx, *in.RoleArn)
		keys := contextOf(call, api.Val(in.ExternalId), *in.RoleSessionName)
		if !ok || !trustsCaller(tx, role, call, keys) {
			return denied("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", call.Principal.ARN, *in.RoleArn)
		}
		seconds := api.Or(in.DurationSeconds, defaultRoleSession)
		if err := checkDuration(tx, call, role, seconds); err != nil {
			return err
		}
		scope := accountOf(role)
		issued, err := IssueRoleSession(tx, s.sealer, scope, role.Spec.ARN, *in.RoleSessionName, duration(seconds), call.Now)
		out.Credentials = shape(issued)
		out.AssumedRoleUser = &stsapi.AssumedRoleUser{
			Arn:           api.Ptr(sessionARN(role, scope.Account, *in.RoleSessionName)),
			AssumedRoleId: api.Ptr(role.Spec.ID + ":" + *in.RoleSessionName),
		}
		out.SourceIdentity = in.SourceIdentity
		return err
	})
}

// checkBuilt refuses what would narrow a session and is not built: a session with
// more rights than were asked for is worse than none.
func checkBuilt(in *stsapi.AssumeRoleRequest) error {
	switch {
	case in.Policy != nil || len(in.PolicyArns) > 0:
		return invalid("Policy, PolicyArns: session policies are not built")
	case len(in.Tags) > 0 || len(in.TransitiveTagKeys) > 0:
		return invalid("Tags, TransitiveTagKeys: session tags are not built")
	case in.SerialNumber != nil || in.TokenCode != nil:
		return invalid("SerialNumber, TokenCode: the region has no MFA devices")
	}
	return nil
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
