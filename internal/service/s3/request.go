package s3

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"strings"

	"apex/internal/api"
	"apex/internal/store"
)

// maxKey is the longest key of an object, in bytes (S3 user guide, Naming
// objects).
const maxKey = 1024

// A request is one call on its way.
type request struct {
	*Door
	*http.Request
	w     http.ResponseWriter
	call  *api.Call
	query url.Values
	op    *operation
	// bucketName and key are what the host and path name; empty above their level.
	bucketName, key string
	bucket          Bucket // unless the call makes it
}

// read finds out what is asked for.
func (d *Door) read(w http.ResponseWriter, r *http.Request, call *api.Call) (*request, error) {
	q := &request{Door: d, Request: r, w: w, call: call, query: r.URL.Query()}
	q.hoist()
	at := q.locate()
	if len(q.key) > maxKey {
		return nil, api.Invalid("KeyTooLongError", "Your key is too long")
	}
	if err := checkVersion(q.query.Get("versionId")); err != nil {
		return nil, err
	}
	if q.op = find(r.Method, at, q.query, r.Header); q.op == nil {
		return nil, notImplemented("%s with the sub-resource %q is not served", r.Method, subresource(r.Method, q.query))
	}
	return q, nil
}

// hoist makes headers of the parameters of a presigned URL that stand for some.
func (q *request) hoist() {
	if !q.query.Has("X-Amz-Signature") {
		return
	}
	for name, values := range q.query {
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") && q.Header.Get(name) == "" {
			q.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
}

// locate reads bucket and key from the host and the path.
func (q *request) locate() level {
	path := strings.TrimPrefix(q.URL.Path, "/")
	if q.bucketName = bucketOfHost(q.Host); q.bucketName == "" {
		q.bucketName, path, _ = strings.Cut(path, "/")
	}
	switch q.key = path; {
	case q.bucketName == "":
		return account
	case q.key == "":
		return inBucket
	}
	return inObject
}

// bucketOfHost returns the bucket that a host name such as
// "bucket.s3.us-east-1.amazonaws.com" or "bucket.localhost" begins with.
func bucketOfHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if net.ParseIP(strings.Trim(host, "[]")) != nil {
		return ""
	}
	if at := strings.LastIndex(host, ".s3."); at > 0 {
		return host[:at]
	}
	if name, ok := strings.CutSuffix(host, ".localhost"); ok && name != "s3" && !strings.HasPrefix(name, "s3.") {
		return name
	}
	return ""
}

// serve decides whether the caller may, and runs the operation.
func (q *request) serve() error {
	if q.op.action != perObject {
		action := cmp.Or(q.op.action, q.op.name)
		if of := versionedActions[action]; of != "" && q.query.Has("versionId") {
			action = of
		}
		if err := q.allowed(action, q.bucketName, q.key); err != nil {
			return err
		}
	}
	if q.bucketName != "" && q.op.name != "CreateBucket" {
		var err error
		if q.bucket, err = q.find(q.bucketName); err != nil {
			return err
		}
	}
	return q.op.serve(q)
}

// allowed asks whether the caller may take an action.
func (q *request) allowed(action, bucket, key string) error {
	call := *q.call
	call.Route = q.op.info()
	call.Route.Name = action
	resource := "*"
	if bucket != "" {
		resource = "arn:aws:s3:::" + bucket
	}
	if key != "" {
		resource += "/" + key
	}
	if q.authorize == nil {
		return nil
	}
	return q.authorize(q.Context(), &call, &Access{Resources: []string{resource}})
}

// find returns a bucket. That of another account needs a policy that lets the
// caller in: see allowed.
func (q *request) find(name string) (Bucket, error) {
	b, ok := Buckets.Get(q.store.Snapshot(), name)
	owner := q.Header.Get("X-Amz-Expected-Bucket-Owner")
	switch {
	case !ok:
		return b, withFields(api.Errorf("NoSuchBucket", http.StatusNotFound, "The specified bucket does not exist"), "BucketName", name)
	case owner != "" && owner != b.Spec.Account, q.authorize == nil && b.Spec.Account != q.call.Account:
		return b, api.Errorf("AccessDenied", http.StatusForbidden, "Access Denied")
	case b.Spec.Region != q.call.Region:
		q.w.Header().Set("x-amz-bucket-region", b.Spec.Region)
		return b, withFields(api.Errorf("PermanentRedirect", http.StatusMovedPermanently, "The bucket is in this region: %s. Please use this region to retry the request", b.Spec.Region), "Bucket", name)
	}
	return b, nil
}

// change writes the bucket anew.
func (q *request) change(change func(*BucketSpec)) error {
	return q.store.Update(q.Context(), func(tx *store.Tx) error {
		if !Buckets.Modify(tx, q.bucketName, func(b *Bucket) { change(&b.Spec) }) {
			return api.Errorf("NoSuchBucket", http.StatusNotFound, "The specified bucket does not exist")
		}
		return nil
	})
}
