package api

import (
	"net/netip"
	"time"
)

// A Call is one authenticated request as a handler sees it.
type Call struct {
	RequestID string
	Account   string    // the caller's account: twelve digits
	Region    string    // from the SigV4 scope: "us-east-1"
	Now       time.Time // when the call arrived; handlers read no other clock
	Principal Principal
	SourceIP  netip.Addr
	UserAgent string
	Route     OperationInfo
}

// An Invocation is a call that the region makes for its customer: of what a
// schedule or a rule sends to its target.
type Invocation struct {
	Account, Region string
	Principal       Principal
	Service         string // "ecs", or its name in SDKs: "applicationautoscaling"
	Operation       string // "RunTask", or "runTask" as SDKs have it
	Input           []byte // JSON, the members named as in the API
}

// A Principal is who signed a call.
type Principal struct {
	ARN         string // "arn:aws:iam::000000000000:root", "…:user/ann", "arn:aws:sts::…:assumed-role/role/session"
	ID          string // the unique id: "AIDA…", "AROA…:session", or the account for root
	AccessKeyID string
	Root        bool // the account's administrator, which no policy restricts
	// Session is what temporary credentials bring along; nil for lasting keys.
	Session *Session `json:",omitempty"`
}

// A Session is what temporary credentials take from their owner's rights and add
// to what is known of the caller.
type Session struct {
	// Limited says that the session may do no more than Policies allow, which are
	// JSON documents.
	Limited  bool
	Policies []string
	// User is the user whose rights a federated user has; empty is the
	// administrator, if the principal is a federated user.
	User           string
	Tags           map[string]string
	Transitive     []string // keys of tags that go along to the next role
	SourceIdentity string
	Issued         time.Time
	// Keys are condition keys that last as long as the session, in lower case.
	Keys map[string]string
}

// A Credential is what an access key stands for.
type Credential struct {
	Secret    string
	Token     string    // the session token that must come along; empty for a lasting key
	Expires   time.Time // zero for a lasting key
	Account   string
	Principal Principal
}
