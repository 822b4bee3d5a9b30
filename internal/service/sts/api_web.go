package sts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/dataplane/balancer/auth"
	"apex/internal/service/iam"
	"apex/internal/store"
)

const byWebIdentity = "sts:AssumeRoleWithWebIdentity"

// assumeRoleWithWebIdentity gives a role to whom an OpenID Connect provider of the
// role's account vouches for. Nobody signs the call; the token is the proof. The
// provider is asked for its keys before anything is written: decision 0018.
func (s *Service) assumeRoleWithWebIdentity(ctx context.Context, call *api.Call, in *stsapi.AssumeRoleWithWebIdentityRequest) (*stsapi.AssumeRoleWithWebIdentityResponse, error) {
	role, ok := roleOf(s.store.Snapshot(), *in.RoleArn)
	if !ok {
		return nil, notByWeb()
	}
	account := accountOf(role).Account
	claims, provider, err := s.webIdentity(ctx, account, *in.WebIdentityToken, call.Now)
	if err != nil {
		return nil, err
	}
	host := strings.ToLower(provider.URL)
	subject, audience := claims.Text("sub"), firstOf(claims.Texts("azp"), claims.Texts("aud"))
	session := &api.Session{Issued: call.Now, Keys: map[string]string{
		"aws:federatedprovider": provider.ARN, host + ":aud": audience, host + ":sub": subject,
	}}
	out := &stsapi.AssumeRoleWithWebIdentityResponse{SubjectFromWebIdentityToken: &subject, Provider: &provider.URL, Audience: &audience}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		role, ok := roleOf(tx, *in.RoleArn)
		if !ok || !iam.TrustsFederated(tx, role, byWebIdentity, call, in, provider.ARN, claimKeys(host, audience, claims)) {
			return notByWeb()
		}
		seconds := api.Or(in.DurationSeconds, defaultRoleSession)
		if seconds > role.Spec.MaxSession {
			return invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}
		out.PackedPolicySize, err = limit(tx, session, account, in.Policy, in.PolicyArns)
		if err != nil {
			return err
		}
		out.Credentials, out.AssumedRoleUser, err = s.enter(tx, call, role, *in.RoleSessionName, seconds, session)
		return err
	})
}

func notByWeb() error { return denied("Not authorized to perform " + byWebIdentity) }

// webIdentity verifies a token and returns what it says, and by whose word.
func (s *Service) webIdentity(ctx context.Context, account, token string, now time.Time) (auth.Claims, iam.ProviderSpec, error) {
	claims, err := auth.Unverified(token)
	if err != nil {
		return nil, iam.ProviderSpec{}, stsapi.NewInvalidIdentityTokenException("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	provider, ok := iam.ProviderOf(s.store.Snapshot(), account, claims.Text("iss"))
	if !ok {
		return nil, provider, stsapi.NewInvalidIdentityTokenException("No OpenIDConnect provider found in your account for %s", claims.Text("iss"))
	}
	switch err := s.verify(ctx, provider, token, now); {
	case errors.Is(err, auth.ErrKeys):
		s.log.InfoContext(ctx, "identity provider not reached", "provider", provider.ARN, "error", err)
		return nil, provider, stsapi.NewInvalidIdentityTokenException("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	case err != nil:
		return nil, provider, stsapi.NewInvalidIdentityTokenException("The ID Token provided has an invalid signature")
	}
	return claims, provider, checkClaims(claims, provider, now)
}

// checkClaims holds a verified token to its times and its audience.
func checkClaims(claims auth.Claims, provider iam.ProviderSpec, now time.Time) error {
	expires, ok := claims.Moment("exp")
	switch {
	case !ok || claims.Text("sub") == "":
		return stsapi.NewInvalidIdentityTokenException("Missing a required claim: exp, sub")
	case !now.Before(expires):
		return stsapi.NewExpiredTokenException("Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), expires.Unix())
	}
	for _, name := range []string{"nbf", "iat"} {
		if from, given := claims.Moment(name); given && now.Before(from) {
			return stsapi.NewInvalidIdentityTokenException("Token is not yet valid: %s", name)
		}
	}
	audience := claims.Texts("azp")
	if len(audience) == 0 {
		audience = claims.Texts("aud")
	}
	if !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(provider.Clients, a) }) {
		return stsapi.NewInvalidIdentityTokenException("Incorrect token audience")
	}
	return nil
}

// claimKeys are the condition keys that a token gives: the provider's name and the
// claim's (IAM user guide, Available keys for AWS web identity federation).
func claimKeys(host, audience string, claims auth.Claims) map[string][]string {
	keys := map[string][]string{host + ":aud": {audience}, host + ":oaud": claims.Texts("aud")}
	for _, name := range []string{"sub", "amr", "email"} {
		if values := claims.Texts(name); len(values) > 0 {
			keys[host+":"+name] = values
		}
	}
	return keys
}

func firstOf(lists ...[]string) string {
	for _, list := range lists {
		if len(list) > 0 {
			return list[0]
		}
	}
	return ""
}
