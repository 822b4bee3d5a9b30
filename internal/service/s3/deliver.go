package s3

import (
	"errors"
	"fmt"
	"io"

	"apex/internal/arn"
	"apex/internal/dataplane/objects"
	"apex/internal/service"
	"apex/internal/store"
)

// Deliver puts an object into a bucket of the scope in the region's own name, as
// services that write logs and exports do. When it returns without an error the
// object is durable. It answers objects.ErrNoBucket if there is no such bucket.
func Deliver(r store.Reader, env service.Env, scope arn.Scope, bucket, key, contentType string, body io.Reader) error {
	b, err := owned(r, scope, bucket)
	if err != nil {
		return fmt.Errorf("deliver s3://%s/%s: %w", bucket, key, err)
	}
	staged, err := env.Objects.Stage(body)
	if err != nil {
		return fmt.Errorf("deliver s3://%s/%s: %w", bucket, key, err)
	}
	defer staged.Discard()
	o := objects.Object{Key: key, Version: b.Spec.newVersion(), Modified: env.Now().UTC(), Meta: map[string]string{"Content-Type": contentType}}
	if _, err := env.Objects.Commit(b.Spec.ID, o, staged, nil); err != nil {
		return fmt.Errorf("deliver s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// Fetch opens an object of a bucket of the scope; the caller closes it. It
// answers objects.ErrNoBucket or objects.ErrNoObject.
func Fetch(r store.Reader, env service.Env, scope arn.Scope, bucket, key string) (io.ReadCloser, error) {
	b, err := owned(r, scope, bucket)
	if err != nil {
		return nil, fmt.Errorf("fetch s3://%s/%s: %w", bucket, key, err)
	}
	_, content, err := env.Objects.OpenObject(b.Spec.ID, key, 0, -1)
	if err != nil {
		return nil, fmt.Errorf("fetch s3://%s/%s: %w", bucket, key, err)
	}
	return content, nil
}

// errOtherOwner says that a bucket is another account's, in Deliver and Fetch.
var errOtherOwner = errors.New("the bucket belongs to another account")

// owned finds a bucket of the scope's account.
func owned(r store.Reader, scope arn.Scope, name string) (Bucket, error) {
	b, ok := Buckets.Get(r, name)
	switch {
	case !ok:
		return b, objects.ErrNoBucket
	case b.Spec.Account != scope.Account:
		return b, errOtherOwner
	}
	return b, nil
}
