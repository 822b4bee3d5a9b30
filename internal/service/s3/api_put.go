package s3

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
	"apex/internal/tag"
)

// metaPrefix begins the headers that are the user's own.
const metaPrefix = "X-Amz-Meta-"

// keptHeaders are the headers that are kept with the content and given back.
var keptHeaders = []string{
	"Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language", "Cache-Control", "Expires",
}

// defaultType is the type of content that came with none.
const defaultType = "binary/octet-stream"

func (q *request) putObject() error {
	o, err := q.described()
	if err != nil {
		return err
	}
	when, err := q.writeCondition()
	if err != nil {
		return err
	}
	staged, sums, err := q.receive("")
	if err != nil {
		return err
	}
	defer staged.Discard()
	o.Sums = sums
	if o, err = q.objects.Commit(q.bucket.Spec.ID, o, staged, when); err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("ETag", quoted(o.Tag))
	setSums(h, o.Sums)
	q.showVersion(o.Version)
	q.showEncryption(&o)
	return nil
}

// described makes an object, without content, of the request's headers.
func (q *request) described() (objects.Object, error) {
	o := objects.Object{Key: q.key, Modified: q.call.Now, Meta: map[string]string{}}
	if err := q.refuseOptions(); err != nil {
		return o, err
	}
	for _, name := range keptHeaders {
		if v := q.Header.Get(name); v != "" {
			o.Meta[name] = v
		}
	}
	if v := withoutChunked(o.Meta["Content-Encoding"]); v == "" {
		delete(o.Meta, "Content-Encoding")
	} else {
		o.Meta["Content-Encoding"] = v
	}
	if o.Meta["Content-Type"] == "" {
		o.Meta["Content-Type"] = defaultType
	}
	size := 0
	for name, values := range q.Header {
		if strings.HasPrefix(name, metaPrefix) {
			o.Meta[name] = strings.Join(values, ",")
			size += len(name) - len(metaPrefix) + len(o.Meta[name])
		}
	}
	if size > 2<<10 {
		return o, api.Invalid("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
	}
	for name, plain := range map[string]string{storageClass: standardClass, redirect: ""} {
		if v := q.Header.Get(name); v != plain {
			set(&o, name, v)
		}
	}
	if err := errors.Join(q.lock(&o), q.encrypt(&o)); err != nil {
		return o, err
	}
	o.Version = q.bucket.Spec.newVersion()
	var err error
	o.Labels, err = labelsOf(q.Header.Get("X-Amz-Tagging"))
	return o, err
}

// Headers of an object that are kept, and what they are by default.
const (
	storageClass  = "X-Amz-Storage-Class"
	standardClass = "STANDARD"
	redirect      = "X-Amz-Website-Redirect-Location"
)

// classes are the storage classes of which objects can be read at once. All lie on
// the same disk.
var classes = []string{standardClass, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}

// withoutChunked removes the encoding that is the transfer's and not the
// content's.
func withoutChunked(encoding string) string {
	parts := strings.Split(encoding, ",")
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "aws-chunked" })
	return strings.TrimSpace(strings.Join(parts, ","))
}

// refuseOptions refuses what is not built.
func (q *request) refuseOptions() error {
	for name, allowed := range map[string][]string{
		storageClass: classes,
		"X-Amz-Acl":  ownersOwn,
		"X-Amz-Server-Side-Encryption-Customer-Algorithm": nil,
		"X-Amz-Write-Offset-Bytes":                        nil,
		"X-Amz-Grant-Read":                                nil,
		"X-Amz-Grant-Full-Control":                        nil,
	} {
		v := q.Header.Get(name)
		switch {
		case v == "" || slices.Contains(allowed, v):
		case name == "X-Amz-Acl", strings.HasPrefix(name, "X-Amz-Grant"):
			return aclsOff()
		default:
			return notImplemented("%s: %s is not built in this region", strings.ToLower(name), v)
		}
	}
	return nil
}

// labelsOf reads tags as the x-amz-tagging header has them: "a=1&b=2".
func labelsOf(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, api.Invalid("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	labels := map[string]string{}
	for name, list := range values {
		if len(list) > 1 {
			return nil, api.Invalid("InvalidTag", "The tag %s is given twice", name)
		}
		labels[name] = list[0]
	}
	return labels, checkLabels(labels)
}

// maxLabels is the most tags that an object may have.
const maxLabels = 10

func checkLabels(labels map[string]string) error {
	if len(labels) > maxLabels {
		return api.Invalid("BadRequest", "Object tags cannot be greater than %d", maxLabels)
	}
	if err := tag.Tags(maps.Clone(labels)).Validate(); err != nil {
		return api.Invalid("InvalidTag", "%v", err)
	}
	return nil
}

// writeCondition reads If-Match and If-None-Match of a request that writes.
func (q *request) writeCondition() (objects.Condition, error) {
	match, none := q.Header.Get("If-Match"), q.Header.Get("If-None-Match")
	switch {
	case match == "" && none == "":
		return nil, nil
	case none != "" && none != "*":
		return nil, notImplemented("A header you provided implies functionality that is not implemented: If-None-Match other than *")
	}
	return func(old *objects.Object) error {
		switch {
		case match != "" && old == nil:
			return objects.ErrNoObject
		case match != "" && unquoted(match) != old.Tag, none != "" && old != nil:
			return preconditionFailed()
		}
		return nil
	}, nil
}

func preconditionFailed() error {
	return api.Errorf("PreconditionFailed", http.StatusPreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

func quoted(tag string) string { return `"` + tag + `"` }

func unquoted(tag string) string {
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
}

// setSums gives an object's checksums in an answer's headers.
func setSums(h http.Header, sums map[string]string) {
	for name, sum := range sums {
		h.Set(algorithm(name).header(), sum)
		h.Set("X-Amz-Checksum-Type", kindOf(sum))
	}
}

// kindOf tells a checksum of parts' checksums, which ends with their number, from
// one of the content.
func kindOf(sum string) string {
	if strings.Contains(sum, "-") {
		return composite
	}
	return fullObject
}
