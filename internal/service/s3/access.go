package s3

import (
	"strings"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a bucket, or of the bucket of
// an object.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	bucket, _, _ := strings.Cut(name.Resource, "/")
	b, ok := Buckets.Get(r, bucket)
	return service.Resource{Account: b.Spec.Account, Policy: b.Spec.Documents["policy"], Tags: b.Spec.Tags}, ok
}
