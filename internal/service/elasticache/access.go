package elasticache

import (
	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a resource: its tags.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	found, err := findTagged(r, &api.Call{Account: name.Account, Region: name.Region}, name.String())
	return service.Resource{Tags: found.tags}, err == nil
}
