package sts

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/arn"
	"apex/internal/service/iam"
	"apex/internal/store"
)

// getFederationToken gives somebody whom the caller knows a part of the caller's
// own rights: what the policies of the call allow, and nothing without any.
func (s *Service) getFederationToken(ctx context.Context, call *api.Call, in *stsapi.GetFederationTokenRequest) (*stsapi.GetFederationTokenResponse, error) {
	seconds := api.Or(in.DurationSeconds, defaultUserSession)
	if call.Principal.Root {
		seconds = min(seconds, longestChained)
	}
	principal := api.Principal{
		ARN: arn.Scope{Account: call.Account}.ARN("sts", "federated-user/"+*in.Name), ID: call.Account + ":" + *in.Name,
	}
	out := &stsapi.GetFederationTokenResponse{FederatedUser: &stsapi.FederatedUser{Arn: &principal.ARN, FederatedUserId: &principal.ID}}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		owner, ok := ownerOf(tx, call)
		if _, isSession := Sessions.Get(tx, call.Principal.AccessKeyID); isSession || !ok {
			return denied("Cannot call GetFederationToken with session credentials")
		}
		session := &api.Session{Issued: call.Now, Limited: true, User: owner.User}
		if err := tagSession(session, in.Tags, nil); err != nil {
			return err
		}
		size, err := limit(tx, session, call.Account, in.Policy, in.PolicyArns)
		if err != nil {
			return err
		}
		out.PackedPolicySize = size
		issued, err := issue(tx, s.sealer, SessionSpec{
			Account: call.Account, Owner: owner, Principal: during(principal, session), Expires: call.Now.Add(duration(seconds)),
		}, call.Now)
		out.Credentials = shape(issued)
		return err
	})
}

// decodeAuthorizationMessage tells what a denial was decided by.
func (s *Service) decodeAuthorizationMessage(_ context.Context, _ *api.Call, in *stsapi.DecodeAuthorizationMessageRequest) (*stsapi.DecodeAuthorizationMessageResponse, error) {
	text, err := iam.Decode(s.sealer, *in.EncodedMessage)
	if err != nil {
		return nil, stsapi.NewInvalidAuthorizationMessageException("Message is not valid")
	}
	return &stsapi.DecodeAuthorizationMessageResponse{DecodedMessage: &text}, nil
}
