package route

import "time"

// A Login lets a request through if its user has logged in at an OpenID Connect
// provider, and leads a user there who has not.
type Login struct {
	Issuer                                             string
	AuthorizationEndpoint, TokenEndpoint, UserEndpoint string
	ClientID, ClientSecret                             string
	Cookie                                             string            // the session cookie's name, without its number
	Scope                                              string            // "openid", and more
	Session                                            time.Duration     // how long a login lasts
	Extra                                              map[string]string `json:",omitempty"` // parameters for the authorization endpoint
	Unauthenticated                                    Unauthenticated
}

// Unauthenticated says what becomes of a request without a login.
type Unauthenticated string

// What may become of a request without a login.
const (
	Authenticate Unauthenticated = "authenticate" // it is led to the provider
	Allow        Unauthenticated = "allow"        // it goes on without claims
	Deny         Unauthenticated = "deny"         // 401
)

// A Token lets a request through if it carries a JSON web token that the
// issuer signed.
type Token struct {
	Issuer string
	Keys   string  // where the issuer's keys are: the address of a JSON web key set
	Claims []Claim `json:",omitempty"`
}

// A Claim is what a token has to say.
type Claim struct {
	Name   string
	Format string   // "single-string", "string-array" or "space-separated-values"
	Values []string // all of them are needed
}
