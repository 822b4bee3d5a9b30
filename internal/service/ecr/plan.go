package ecr

import (
	"cmp"
	"slices"
	"time"
)

// An expiry is an image that a lifecycle policy expires, and the rule that does.
type expiry struct {
	image    Image
	priority int
}

// planExpiry returns the images that a policy expires now, in the order of the
// rules and then of the digests.
//
// An image belongs to the first rule that selects it, and no later rule can
// expire it; later rules still count it. Images within a list of images stay as
// long as the list does, and count for nothing.
func planExpiry(rules []rule, images []Image, now time.Time) []expiry {
	var plan []expiry
	owned := map[string]bool{}
	for _, r := range rules {
		var selected []Image
		for _, image := range images {
			if _, listed := listedBy(images, image.Spec.Digest); !listed && r.Selection.selects(image.Spec.Tags) {
				selected = append(selected, image)
			}
		}
		slices.SortFunc(selected, newestFirst)
		first := len(plan)
		for i, image := range selected {
			if !owned[image.Key] && r.Selection.expires(image, i, now) {
				plan = append(plan, expiry{image, r.RulePriority})
			}
			owned[image.Key] = true
		}
		slices.SortFunc(plan[first:], func(a, b expiry) int { return cmp.Compare(a.image.Key, b.image.Key) })
	}
	return plan
}

// expires reports whether the image, the nth newest of its selection, is beyond
// the rule's count or age.
func (s selection) expires(image Image, n int, now time.Time) bool {
	if s.CountType == countMoreThan {
		return n >= s.CountNumber
	}
	return now.Sub(image.Spec.Pushed) > time.Duration(s.CountNumber)*24*time.Hour
}

func newestFirst(a, b Image) int {
	return cmp.Or(b.Spec.Pushed.Compare(a.Spec.Pushed), cmp.Compare(a.Key, b.Key))
}
