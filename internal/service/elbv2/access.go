package elbv2

import (
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a resource: its tags.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	tags, err := tagsOf(r, name.String())
	return service.Resource{Tags: tags}, err == nil
}
