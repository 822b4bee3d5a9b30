package elbv2

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer/route"
	"apex/internal/seal"
)

// What is let through by default: AWS's numbers.
const (
	sessionCookie     = "AWSELBAuthSessionCookie"
	sessionTimeout    = 604_800 // seconds
	loginScope        = "openid"
	maxExtraParams    = 10
	maxClaims         = 10
	maxValuesPerClaim = 10
)

// fillGuard checks an action that stands before the last one.
func (c actionCheck) fillGuard(a *elbv2api.Action) error {
	if !c.secure {
		return elbv2api.NewInvalidLoadBalancerActionException("Action '%s' is for HTTPS listeners", *a.Type)
	}
	if *a.Type == elbv2api.ActionTypeEnumJwtValidation {
		return checkToken(a.JwtValidationConfig)
	}
	if a.AuthenticateOidcConfig == nil {
		return invalid("An authenticate-oidc action needs an AuthenticateOidcConfig")
	}
	config := *a.AuthenticateOidcConfig
	if err := c.fillLogin(&config); err != nil {
		return err
	}
	a.AuthenticateOidcConfig = &config
	return nil
}

var cookieName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")

func (c actionCheck) fillLogin(o *elbv2api.AuthenticateOidcActionConfig) error {
	for what, address := range map[string]*string{
		"Issuer": o.Issuer, "Authorization endpoint": o.AuthorizationEndpoint,
		"Token endpoint": o.TokenEndpoint, "User info endpoint": o.UserInfoEndpoint,
	} {
		if err := checkEndpoint(what, api.Val(address)); err != nil {
			return err
		}
	}
	o.SessionCookieName = api.Ptr(api.Or(o.SessionCookieName, sessionCookie))
	o.Scope = api.Ptr(api.Or(o.Scope, loginScope))
	o.SessionTimeout = api.Ptr(api.Or(o.SessionTimeout, sessionTimeout))
	o.OnUnauthenticatedRequest = api.Ptr(api.Or(o.OnUnauthenticatedRequest, elbv2api.AuthenticateOidcActionConditionalBehaviorEnumAuthenticate))
	switch {
	case api.Val(o.ClientId) == "":
		return invalid("A client ID must be specified")
	case !cookieName.MatchString(*o.SessionCookieName):
		return invalid("Session cookie name '%s' is not valid", *o.SessionCookieName)
	case *o.SessionTimeout < 1 || *o.SessionTimeout > sessionTimeout:
		return invalid("Session timeout '%d' must be from 1 to %d seconds", *o.SessionTimeout, sessionTimeout)
	case len(o.AuthenticationRequestExtraParams) > maxExtraParams:
		return invalid("At most %d extra parameters can be specified", maxExtraParams)
	}
	return c.sealSecret(o)
}

// sealSecret puts the sealed client secret in the plain one's place: a new one,
// or the one that the action had before.
func (c actionCheck) sealSecret(o *elbv2api.AuthenticateOidcActionConfig) error {
	keep := api.Val(o.UseExistingClientSecret)
	o.UseExistingClientSecret = nil
	if o.ClientSecret != nil {
		o.ClientSecret = api.Ptr(base64.StdEncoding.EncodeToString(c.sealer.Seal([]byte(*o.ClientSecret), secretContext(c.balancer))))
		return nil
	}
	for _, a := range c.old {
		if keep && a.AuthenticateOidcConfig != nil {
			o.ClientSecret = a.AuthenticateOidcConfig.ClientSecret
			return nil
		}
	}
	return invalid("A client secret must be specified")
}

func secretContext(balancer string) []byte { return []byte(balancer + " oidc") }

// checkEndpoint wants HTTPS. A provider on this machine's loopback may do
// without: AWS has no such thing.
func checkEndpoint(what, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && onLoopback(u.Hostname())) {
		return invalid("%s '%s' must be an HTTPS URL", what, address)
	}
	return nil
}

func onLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func checkToken(c *elbv2api.JwtValidationActionConfig) error {
	if c == nil {
		return invalid("A jwt-validation action needs a JwtValidationConfig")
	}
	if err := checkEndpoint("JWKS endpoint", api.Val(c.JwksEndpoint)); err != nil {
		return err
	}
	if api.Val(c.Issuer) == "" {
		return invalid("An issuer must be specified")
	}
	if len(c.AdditionalClaims) > maxClaims {
		return invalid("At most %d additional claims can be specified", maxClaims)
	}
	for _, claim := range c.AdditionalClaims {
		n := len(claim.Values)
		if n < 1 || n > maxValuesPerClaim || n > 1 && *claim.Format == elbv2api.JwtValidationActionAdditionalClaimFormatEnumSingleString {
			return invalid("Claim '%s' has %d values, which its format does not take", api.Val(claim.Name), n)
		}
		if slices.Contains([]string{"iss", "exp", "nbf", "iat"}, api.Val(claim.Name)) {
			return invalid("Claim '%s' is always validated", *claim.Name)
		}
	}
	return nil
}

func routeLogin(sealer *seal.Sealer, balancer string, o *elbv2api.AuthenticateOidcActionConfig) (*route.Login, error) {
	sealed, err := base64.StdEncoding.DecodeString(api.Val(o.ClientSecret))
	if err != nil {
		return nil, fmt.Errorf("client secret: %w", err)
	}
	secret, err := sealer.Open(sealed, secretContext(balancer))
	if err != nil {
		return nil, fmt.Errorf("client secret: %w", err)
	}
	return &route.Login{
		Issuer: *o.Issuer, AuthorizationEndpoint: *o.AuthorizationEndpoint, TokenEndpoint: *o.TokenEndpoint,
		UserEndpoint: *o.UserInfoEndpoint, ClientID: *o.ClientId, ClientSecret: string(secret),
		Cookie: *o.SessionCookieName, Scope: *o.Scope, Session: time.Duration(*o.SessionTimeout) * time.Second,
		Extra: maps.Clone(o.AuthenticationRequestExtraParams), Unauthenticated: route.Unauthenticated(*o.OnUnauthenticatedRequest),
	}, nil
}

func routeToken(c *elbv2api.JwtValidationActionConfig) *route.Token {
	t := &route.Token{Issuer: *c.Issuer, Keys: *c.JwksEndpoint}
	for _, claim := range c.AdditionalClaims {
		t.Claims = append(t.Claims, route.Claim{Name: *claim.Name, Format: *claim.Format, Values: claim.Values})
	}
	return t
}

// shownActions returns actions as Describe gives them: without secrets.
func shownActions(actions []elbv2api.Action) []elbv2api.Action {
	out := slices.Clone(actions)
	for i, a := range out {
		if a.AuthenticateOidcConfig != nil {
			c := *a.AuthenticateOidcConfig
			c.ClientSecret = nil
			out[i].AuthenticateOidcConfig = &c
		}
	}
	return out
}
