package ecs

import (
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a resource: its tags. A task
// definition without a revision is its family's newest.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	kind, rest, _ := strings.Cut(name.Resource, "/")
	switch key := name.Scope().Key(rest); kind {
	case "cluster":
		c, ok := Clusters.Get(r, key)
		return service.Resource{Tags: c.Spec.Tags}, ok
	case "service":
		s, ok := Services.Get(r, key)
		return service.Resource{Tags: s.Spec.Tags}, ok
	case "task":
		t, ok := Tasks.Get(r, key)
		return service.Resource{Tags: t.Spec.Tags}, ok
	case "task-definition":
		if strings.HasSuffix(rest, ":*") {
			return service.Resource{}, false
		}
		d, err := findDefinition(r, name.Scope(), rest)
		if err != nil {
			return service.Resource{}, false
		}
		return service.Resource{ARN: api.Val(d.Definition.TaskDefinitionArn), Tags: d.Tags}, true
	}
	return service.Resource{}, false
}
