package service

import (
	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// A Resource is what deciding on access must know of a resource.
type Resource struct {
	// ARN is its full name, where requests may give a shorter one.
	ARN string
	// Account is whose it is, where the ARN does not say.
	Account string
	// Policy is its resource policy, a JSON document; empty if it has none.
	Policy string
	// Required says that nothing is allowed against the policy's will: the
	// caller's own policies count only where it gives their account the right (KMS
	// key policies, role trust policies).
	Required bool
	Tags     tag.Tags
	// Keys are further condition keys of the service, in lower case: "ec2:vpc".
	Keys map[string][]string
}

// A Finder returns the resource that an ARN names. Requests name some by less
// than their ARN; the finder understands what the ARN made of it says.
type Finder func(r store.Reader, name arn.ARN) (Resource, bool)

// An Ask is something that a service wants to do with the rights of a role, or in
// its own name.
type Ask struct {
	// Principal is the role's session; its zero value is the service itself.
	Principal api.Principal
	Account   string // the principal's
	Region    string
	// Service is who asks in its own name: "cloudwatch.amazonaws.com".
	Service  string
	Action   string // "secretsmanager:GetSecretValue"
	Resource string // an ARN, or "*"
	// Keys are condition keys in lower case, such as "aws:sourcearn".
	Keys map[string][]string
}

// Access answers AWS's access-denied error unless what is asked is allowed.
type Access func(r store.Reader, ask Ask) error
