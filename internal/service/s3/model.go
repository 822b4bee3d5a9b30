// Package s3 is Amazon S3: buckets with objects of any size.
//
// Buckets and what is set on them lie in the region's store; objects lie in the
// data plane's. Calls do not come over the protocols of the other services: bodies
// are streams, and the method, path, query and headers say what is asked for. The
// endpoint verifies the signature and hands the request to [Service.Serve].
package s3

import (
	"time"

	"apex/internal/store"
	"apex/internal/tag"
)

// A Bucket holds objects. Its name is unique over all accounts and regions.
type Bucket struct {
	Name   string
	Spec   BucketSpec
	Status BucketStatus
}

// BucketStatus is what is true of a bucket: nothing that its objects do not tell.
type BucketStatus struct{}

// BucketSpec is what the caller set on a bucket.
type BucketSpec struct {
	ID      string // names the bucket in the data plane; a new one each time it is made
	Account string
	Region  string
	Created time.Time
	Tags    tag.Tags
	// Documents are configurations as they were put, by the sub-resource that
	// names them: "policy" as JSON, the others as XML.
	Documents map[string]string
	LeastSize string // of objects that lifecycle rules move; given back only
}

// Buckets are all buckets by name.
var Buckets = store.NewTable("s3.buckets", func(b *Bucket) string { return b.Name })

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Buckets} }
