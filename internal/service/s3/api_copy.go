package s3

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

type copyResult struct {
	XMLName      xml.Name
	LastModified string
	ETag         string
}

// copied answers a copy in the element of the given name.
func (q *request) copied(element string, at time.Time, tag string) error {
	return q.answer(copyResult{XMLName: xml.Name{Space: namespace, Local: element}, LastModified: stamp(at), ETag: quoted(tag)})
}

// stamp writes a time as S3's XML has it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// source finds what a request wants to copy.
func (q *request) source() (bucket Bucket, from source, err error) {
	text, version, _ := strings.Cut(q.Header.Get(copySource), "?versionId=")
	path, err := url.PathUnescape(text)
	if err != nil {
		return bucket, from, api.Invalid("InvalidArgument", "The copy source %s is not URL-encoded", text)
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case name == "" || key == "" || strings.HasPrefix(name, "arn:"):
		return bucket, from, api.Invalid("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	if err := checkVersion(version); err != nil {
		return bucket, from, err
	}
	from, action := source{key: key}, "GetObject"
	if version != "" {
		from.version, action = api.Ptr(readVersion(version)), "GetObjectVersion"
	}
	if err := q.allowed(action, name, key); err != nil {
		return bucket, from, err
	}
	bucket, err = q.find(name)
	return bucket, from, err
}

// A source is the object that is copied, in one of its versions if it is named.
type source struct {
	key     string
	version *string
}

// statSource finds the object that is copied.
func (q *request) statSource(bucket Bucket, from source) (objects.Object, error) {
	old, err := q.objects.StatVersion(bucket.Spec.ID, from.key, from.version)
	if err == nil {
		err = q.decrypt(&old)
	}
	if err == nil {
		err = q.readCondition(old, "X-Amz-Copy-Source-", http.StatusPreconditionFailed)
	}
	if err == nil && (old.Version != "" || bucket.Spec.versioning() != "") {
		q.w.Header().Set("X-Amz-Copy-Source-Version-Id", shownVersion(old.Version))
	}
	return old, err
}

func (q *request) copyObject() error {
	bucket, from, err := q.source()
	if err != nil {
		return err
	}
	old, err := q.statSource(bucket, from)
	if err != nil {
		return err
	}
	o, err := q.copyDescribed(old)
	if err != nil {
		return err
	}
	if bucket.Name == q.bucketName && from == (source{key: q.key}) && !q.alters() {
		return api.Invalid("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	staged, a, err := q.stageSource(bucket, from, span{length: old.Size}, "")
	if err != nil {
		return err
	}
	defer staged.Discard()
	o.Sums = a
	if o, err = q.objects.Commit(q.bucket.Spec.ID, o, staged, nil); err != nil {
		return err
	}
	q.showVersion(o.Version)
	q.showEncryption(&o)
	return q.copied("CopyObjectResult", o.Modified, o.Tag)
}

// alters reports whether a copy changes more than the name.
func (q *request) alters() bool {
	return q.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" || q.Header.Get(storageClass) != "" || q.Header.Get(redirect) != "" || q.Header.Get(sse) != ""
}

// copyDescribed makes the new object of the old one and the request's directives.
func (q *request) copyDescribed(old objects.Object) (objects.Object, error) {
	o, err := q.described()
	if err != nil {
		return o, err
	}
	for name, keep := range map[string]func(){
		"X-Amz-Metadata-Directive": func() { o.Meta = copiedMeta(old.Meta, o.Meta) },
		"X-Amz-Tagging-Directive":  func() { o.Labels = old.Labels },
	} {
		switch v := q.Header.Get(name); v {
		case "", "COPY":
			keep()
		case "REPLACE":
		default:
			return o, api.Invalid("InvalidArgument", "Unknown %s: %s", strings.ToLower(name), v)
		}
	}
	return o, nil
}

// copiedMeta is what came with the old object, with what the copy has of its own:
// locks and encryption are not copied.
func copiedMeta(old, own map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range old {
		if slices.Contains(keptHeaders, name) || strings.HasPrefix(name, metaPrefix) {
			out[name] = value
		}
	}
	for name, value := range own {
		if !slices.Contains(keptHeaders, name) && !strings.HasPrefix(name, metaPrefix) {
			out[name] = value
		}
	}
	return out
}

// stageSource puts a part of an existing object on disk once more.
func (q *request) stageSource(bucket Bucket, from source, part span, wanted algorithm) (*objects.Staged, map[string]string, error) {
	a, err := namedAlgorithm(q.Header, "X-Amz-Checksum-Algorithm")
	if err != nil {
		return nil, nil, err
	}
	if a == "" {
		a = wanted
	}
	if a == "" {
		a = defaultAlgorithm
	}
	_, content, err := q.objects.OpenVersion(bucket.Spec.ID, from.key, from.version, part.offset, part.length)
	if err != nil {
		return nil, nil, err
	}
	defer content.Close()
	sum := a.hash()
	staged, err := q.objects.Stage(content, sum)
	if err != nil {
		return nil, nil, err
	}
	return staged, map[string]string{string(a): encoded(sum)}, nil
}

// sourceSpan reads the range of a source that a part is to be copied of.
func (q *request) sourceSpan(o objects.Object) (span, error) {
	text := q.Header.Get("X-Amz-Copy-Source-Range")
	if text == "" {
		return span{length: o.Size}, nil
	}
	first, last, _ := strings.Cut(strings.TrimPrefix(text, "bytes="), "-")
	from, fromErr := strconv.ParseInt(first, 10, 64)
	to, toErr := strconv.ParseInt(last, 10, 64)
	if fromErr != nil || toErr != nil || to < from || to >= o.Size {
		return span{}, api.Invalid("InvalidArgument", "Range specified is not valid for source object of size: %d", o.Size)
	}
	return span{offset: from, length: to - from + 1}, nil
}
