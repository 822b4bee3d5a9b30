package policy

import (
	"regexp"
	"slices"
	"strings"
)

var (
	alphanumeric = regexp.MustCompile(`^[0-9A-Za-z]*$`)
	accountID    = regexp.MustCompile(`^[0-9]{12}$`)
	identityID   = regexp.MustCompile(`^(AIDA|AROA|AGPA|ANPA)[0-9A-Z]{8,}$`)
	identityARN  = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(root|user/.+|role/.+|assumed-role/.+|federated-user/.+)$`)
)

// ParseIdentity reads a document of a user, group, role or session, or of a
// managed policy.
func ParseIdentity(text string) (Document, error) {
	doc, err := Parse(text)
	if err != nil {
		return doc, err
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		switch {
		case s.Principal != nil || s.NotPrincipal != nil:
			return doc, malformed("Policy document should not specify a principal.")
		case len(s.Resource) == 0 && len(s.NotResource) == 0:
			return doc, malformed("Policy statement must contain resources.")
		case !alphanumeric.MatchString(s.SID):
			return doc, malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
		for _, r := range slices.Concat(s.Resource, s.NotResource) {
			if err := checkResource(r); err != nil {
				return doc, err
			}
		}
	}
	return doc, nil
}

func checkResource(r string) error {
	parts := strings.SplitN(r, ":", 6)
	switch {
	case r == "*":
		return nil
	case parts[0] != "arn":
		return malformed("Resource %s must be in ARN format or \"*\".", r)
	case len(parts) < 6 && !strings.Contains(r, "*"):
		return malformed("The policy failed legacy parsing")
	case len(parts) > 1 && !strings.HasPrefix(parts[1], "aws") && !strings.ContainsAny(parts[1], "*?$"):
		return malformed("Partition \"%s\" is not valid for resource \"%s\".", parts[1], r)
	}
	return nil
}

// ParseTrust reads a role's trust policy.
func ParseTrust(text string) (Document, error) {
	doc, err := Parse(text)
	if err != nil {
		return doc, err
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		switch {
		case len(s.Resource) > 0 || len(s.NotResource) > 0:
			return doc, malformed("Has prohibited field Resource")
		case s.Principal == nil && s.NotPrincipal == nil:
			return doc, malformed("Missing required field Principal")
		case !alphanumeric.MatchString(s.SID):
			return doc, malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
		for _, a := range slices.Concat(s.Action, s.NotAction) {
			if !strings.HasPrefix(a, "sts:") {
				return doc, malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
		for _, p := range []*Principals{s.Principal, s.NotPrincipal} {
			if err := p.check(); err != nil {
				return doc, err
			}
		}
	}
	return doc, nil
}

// check finds principals that cannot be.
func (p *Principals) check() error {
	if p == nil {
		return nil
	}
	for _, name := range p.AWS {
		if name != "*" && !accountID.MatchString(name) && !identityARN.MatchString(name) && !identityID.MatchString(name) {
			return malformed("Invalid principal in policy: \"AWS\":\"%s\"", name)
		}
	}
	for _, name := range p.Service {
		if !strings.HasSuffix(name, ".amazonaws.com") && !strings.HasSuffix(name, ".aws.internal") {
			return malformed("Invalid principal in policy: \"SERVICE\":\"%s\"", name)
		}
	}
	return nil
}
