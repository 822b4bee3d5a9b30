package s3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"regexp"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/dataplane/objects"
)

// nullVersion is what the API calls the version of objects that were put while
// their bucket kept no versions; the data plane's name for it is empty.
const nullVersion = "null"

// The states of a bucket's versioning. A bucket that never had it has none.
const (
	versioned = "Enabled"
	suspended = "Suspended"
)

// versioning returns the state of the bucket's versioning.
func (b *BucketSpec) versioning() string {
	var in struct{ Status string }
	if text := b.Documents["versioning"]; text == "" || xml.Unmarshal([]byte(text), &in) != nil {
		return ""
	}
	return in.Status
}

// newVersion names the version that a new object gets.
func (b *BucketSpec) newVersion() string {
	if b.versioning() == versioned {
		return awsid.Hex(32)
	}
	return ""
}

func shownVersion(version string) string {
	if version == "" {
		return nullVersion
	}
	return version
}

func readVersion(text string) string {
	if text == nullVersion {
		return ""
	}
	return text
}

// versionPattern is the form of the names that newVersion gives.
var versionPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// checkVersion refuses what cannot be a version's name.
func checkVersion(text string) error {
	if text != "" && text != nullVersion && !versionPattern.MatchString(text) {
		return api.Invalid("InvalidArgument", "Invalid version id specified")
	}
	return nil
}

// version is the one that the request names, or nil.
func (q *request) version() *string {
	if v := q.query.Get("versionId"); v != "" {
		return api.Ptr(readVersion(v))
	}
	return nil
}

// showVersion tells which version was read, written or deleted.
func (q *request) showVersion(version string) {
	if q.bucket.Spec.versioning() != "" || version != "" {
		q.w.Header().Set("X-Amz-Version-Id", shownVersion(version))
	}
}

// stat returns the object that the request names, or answers for the one that is
// missing.
func (q *request) stat() (objects.Object, error) {
	o, err := q.objects.StatVersion(q.bucket.Spec.ID, q.key, q.version())
	return o, q.missing(o, err)
}

// missing tells of the marker that is in the place of an object.
func (q *request) missing(o objects.Object, err error) error {
	if err != nil && o.Marker {
		q.showVersion(o.Version)
		q.w.Header().Set("X-Amz-Delete-Marker", "true")
	}
	if errors.Is(err, objects.ErrMarker) {
		return api.Errorf("MethodNotAllowed", http.StatusMethodNotAllowed, "The specified method is not allowed against this resource.")
	}
	if err != nil {
		return q.hideMissing(err)
	}
	return nil
}

// versionedActions are the IAM actions that are other ones when a version is
// named.
var versionedActions = map[string]string{
	"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion", "GetObjectAcl": "GetObjectVersionAcl",
	"PutObjectAcl": "PutObjectVersionAcl", "GetObjectTagging": "GetObjectVersionTagging", "PutObjectTagging": "PutObjectVersionTagging",
	"DeleteObjectTagging": "DeleteObjectVersionTagging", "GetObjectAttributes": "GetObjectVersionAttributes",
}

// putVersioning turns versioning on, or off for new objects.
func (q *request) putVersioning() error {
	text, err := q.configuration()
	if err != nil {
		return err
	}
	var in struct {
		Status    string
		MFADelete string `xml:"MfaDelete"`
	}
	if err := xml.Unmarshal([]byte(text), &in); err != nil {
		return err
	}
	switch {
	case in.MFADelete == versioned:
		return notImplemented("MfaDelete is not built in this region")
	case in.Status != versioned && in.Status != suspended:
		return malformed()
	case in.Status == suspended && q.bucket.Spec.Documents["object-lock"] != "":
		return api.Errorf("InvalidBucketState", http.StatusConflict, "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
	}
	return q.keep(text)
}

func malformed() error {
	return api.Invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

// remove deletes an object, or the version that is named, and returns the version
// or marker that was removed or made.
func (q *request) remove(key string, version *string, when objects.Condition) (objects.Object, error) {
	bucket := q.bucket.Spec.ID
	switch {
	case version != nil:
		return q.objects.DeleteVersion(bucket, key, *version, q.unlocked(when))
	case q.bucket.Spec.versioning() == "":
		return objects.Object{}, q.objects.Delete(bucket, key, when)
	}
	marker := objects.Object{Key: key, Version: q.bucket.Spec.newVersion(), Modified: q.call.Now, Marker: true}
	return marker, q.objects.Mark(bucket, marker, when)
}

func (q *request) deleteObject() error {
	o, err := q.remove(q.key, q.version(), matching(q.Header.Get("If-Match")))
	if err != nil {
		return err
	}
	if o.Marker {
		q.w.Header().Set("X-Amz-Delete-Marker", "true")
	}
	if q.query.Has("versionId") || o.Marker {
		version := o.Version
		if v := q.version(); v != nil {
			version = *v
		}
		q.showVersion(version)
	}
	return q.noContent()
}

func (q *request) listObjectVersions() error {
	out, err := q.newListing("ListVersionsResult")
	if err != nil {
		return err
	}
	out.KeyMarker, out.VersionIDMarker = api.Ptr(q.given("key-marker")), q.query.Get("version-id-marker")
	if out.MaxKeys == 0 {
		return q.answer(out)
	}
	var after *string
	if out.VersionIDMarker != "" {
		after = api.Ptr(readVersion(out.VersionIDMarker))
	}
	page, err := q.objects.ListVersions(q.bucket.Spec.ID, objects.Query{
		Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), After: q.query.Get("key-marker"), Limit: out.MaxKeys,
	}, after)
	if err != nil {
		return err
	}
	for _, p := range page.Prefixes {
		out.CommonPrefixes = append(out.CommonPrefixes, prefixEntry{q.encode(p)})
	}
	who := ownerOf(q.bucket.Spec.Account)
	for _, v := range page.Versions {
		e := q.entry(v.Object, &who)
		e.VersionID, e.IsLatest = shownVersion(v.Version), "false"
		if v.Latest {
			e.IsLatest = "true"
		}
		if v.Marker {
			out.DeleteMarkers = append(out.DeleteMarkers, markerEntry{e.Key, e.LastModified, e.Owner, e.VersionID, e.IsLatest})
		} else {
			out.Versions = append(out.Versions, e)
		}
	}
	if out.IsTruncated = page.More; page.More {
		out.NextKeyMarker = q.encode(page.Last)
		if page.LastVersion != nil {
			out.NextVersionIDMarker = shownVersion(*page.LastVersion)
		}
	}
	return q.answer(out)
}

// A markerEntry is a deletion in a list of versions.
type markerEntry struct {
	Key          string
	LastModified string
	Owner        *owner `xml:",omitempty"`
	VersionID    string `xml:"VersionId,omitempty"`
	IsLatest     string `xml:",omitempty"`
}
