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

// A Principal is who signed a call.
type Principal struct {
	ARN         string // "arn:aws:iam::000000000000:root", "…:user/ann", "arn:aws:sts::…:assumed-role/role/session"
	ID          string // the unique id: "AIDA…", "AROA…:session", or the account for root
	AccessKeyID string
	Root        bool // the account's administrator, which no policy restricts
}

// A Credential is what an access key stands for.
type Credential struct {
	Secret    string
	Token     string    // the session token that must come along; empty for a lasting key
	Expires   time.Time // zero for a lasting key
	Account   string
	Principal Principal
}
