package s3

import (
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// maxKeys is the most entries of one page.
const maxKeys = 1000

type objectEntry struct {
	Key               string
	LastModified      string
	ETag              string
	Size              int64
	StorageClass      string
	ChecksumAlgorithm []string `xml:",omitempty"`
	ChecksumType      string   `xml:",omitempty"`
	Owner             *owner   `xml:",omitempty"`
	VersionID         string   `xml:"VersionId,omitempty"`
	IsLatest          string   `xml:",omitempty"`
}

type prefixEntry struct{ Prefix string }

// listing is a page of a bucket in all forms; each leaves some members out.
type listing struct {
	XMLName               xml.Name
	Name                  string
	Prefix                string
	Delimiter             string  `xml:",omitempty"`
	EncodingType          string  `xml:",omitempty"`
	Marker                *string `xml:",omitempty"`
	NextMarker            string  `xml:",omitempty"`
	KeyMarker             *string `xml:",omitempty"`
	NextKeyMarker         string  `xml:",omitempty"`
	VersionIDMarker       string  `xml:"VersionIdMarker,omitempty"`
	NextVersionIDMarker   string  `xml:"NextVersionIdMarker,omitempty"`
	StartAfter            string  `xml:",omitempty"`
	ContinuationToken     string  `xml:",omitempty"`
	NextContinuationToken string  `xml:",omitempty"`
	KeyCount              *int    `xml:",omitempty"`
	MaxKeys               int
	IsTruncated           bool
	Contents              []objectEntry `xml:"Contents"`
	Versions              []objectEntry `xml:"Version"`
	DeleteMarkers         []markerEntry `xml:"DeleteMarker"`
	CommonPrefixes        []prefixEntry `xml:"CommonPrefixes"`
}

// limit reads a number of entries from the query.
func (q *request) limit(parameter string, most int) (int, error) {
	text := q.query.Get(parameter)
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, api.Invalid("InvalidArgument", "Argument %s must be an integer between 0 and 2147483647", parameter)
	}
	return min(n, most), nil
}

// newListing reads what all forms of a list have in common.
func (q *request) newListing(element string) (listing, error) {
	out := listing{
		XMLName: xml.Name{Space: namespace, Local: element}, Name: q.bucketName, EncodingType: q.query.Get("encoding-type"),
		Prefix: q.given("prefix"), Delimiter: q.given("delimiter"),
	}
	if out.EncodingType != "" && out.EncodingType != "url" {
		return out, api.Invalid("InvalidArgument", "Invalid Encoding Method specified in Request")
	}
	var err error
	out.MaxKeys, err = q.limit("max-keys", maxKeys)
	return out, err
}

// list lists the bucket after a name.
func (q *request) list(element, after string) (listing, objects.Page, error) {
	out, err := q.newListing(element)
	if err != nil || out.MaxKeys == 0 {
		return out, objects.Page{}, err
	}
	page, err := q.objects.List(q.bucket.Spec.ID, objects.Query{
		Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), After: after, Limit: out.MaxKeys,
	})
	out.IsTruncated = page.More
	for _, p := range page.Prefixes {
		out.CommonPrefixes = append(out.CommonPrefixes, prefixEntry{q.encode(p)})
	}
	return out, page, err
}

// given returns a parameter as it is given back.
func (q *request) given(parameter string) string { return q.encode(q.query.Get(parameter)) }

// encode writes a name as the request asks for: names may hold what XML cannot.
func (q *request) encode(name string) string {
	if q.query.Get("encoding-type") != "url" {
		return name
	}
	return strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(name))
}

func (q *request) entries(list []objects.Object, who *owner) []objectEntry {
	var out []objectEntry
	for _, o := range list {
		out = append(out, q.entry(o, who))
	}
	return out
}

func (q *request) entry(o objects.Object, who *owner) objectEntry {
	e := objectEntry{
		Key: q.encode(o.Key), LastModified: stamp(o.Modified), ETag: quoted(o.Tag), Size: o.Size,
		StorageClass: cmp.Or(o.Meta[storageClass], standardClass), Owner: who,
	}
	for name, sum := range o.Sums {
		e.ChecksumAlgorithm, e.ChecksumType = []string{name}, kindOf(sum)
	}
	return e
}

func (q *request) listObjectsV2() error {
	after := q.query.Get("start-after")
	if text := q.query.Get("continuation-token"); text != "" {
		var err error
		if after, err = openToken(text); err != nil {
			return err
		}
	}
	out, page, err := q.list("ListBucketResult", after)
	if err != nil {
		return err
	}
	var who *owner
	if q.query.Get("fetch-owner") == "true" {
		who = api.Ptr(ownerOf(q.bucket.Spec.Account))
	}
	out.Contents = q.entries(page.Objects, who)
	out.KeyCount = api.Ptr(len(page.Objects) + len(page.Prefixes))
	out.StartAfter, out.ContinuationToken = q.given("start-after"), q.query.Get("continuation-token")
	if page.More {
		out.NextContinuationToken = token(page.Last)
	}
	return q.answer(out)
}

func (q *request) listObjects() error {
	out, page, err := q.list("ListBucketResult", q.query.Get("marker"))
	if err != nil {
		return err
	}
	out.Contents = q.entries(page.Objects, api.Ptr(ownerOf(q.bucket.Spec.Account)))
	out.Marker = api.Ptr(q.given("marker"))
	if page.More && out.Delimiter != "" {
		out.NextMarker = q.encode(page.Last)
	}
	return q.answer(out)
}

// token is where a list goes on, in a form that is no promise.
func token(last string) string { return base64.URLEncoding.EncodeToString([]byte(last)) }

func openToken(text string) (string, error) {
	last, err := base64.URLEncoding.DecodeString(text)
	if err != nil {
		return "", api.Invalid("InvalidArgument", "The continuation token provided is incorrect")
	}
	return string(last), nil
}
