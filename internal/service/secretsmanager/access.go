package secretsmanager

import (
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a secret. The ARN may lack
// the suffix, for requests name secrets without it.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	s, ok := lookup(r, name.Scope(), name.String())
	if !ok {
		return service.Resource{}, false
	}
	return service.Resource{ARN: s.Spec.ARN, Policy: s.Spec.Policy, Tags: s.Spec.Tags}, true
}
