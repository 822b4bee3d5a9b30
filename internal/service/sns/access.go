package sns

import (
	"cmp"
	"strings"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a topic, or of the topic of a
// subscription.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	topic, _, _ := strings.Cut(name.Resource, ":")
	t, ok := Topics.Get(r, name.Scope().Key(topic))
	if !ok {
		return service.Resource{}, false
	}
	return service.Resource{
		Policy: cmp.Or(t.Spec.Attributes["Policy"], defaultPolicy(t.Key)), Tags: t.Spec.Tags,
	}, true
}
