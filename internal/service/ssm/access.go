package ssm

import (
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a parameter.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	p, _, _, err := find(r, name.Scope(), name.String())
	if err != nil {
		return service.Resource{}, false
	}
	return service.Resource{ARN: p.ARN(), Tags: p.Spec.Tags}, true
}
