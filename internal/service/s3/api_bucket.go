package s3

import (
	"encoding/xml"
	"net"
	"net/http"
	"regexp"
	"strings"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/store"
	"apex/internal/tag"
)

// bucketName is the form of a bucket's name (S3 user guide, Bucket naming rules).
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func checkBucketName(name string) error {
	if !bucketName.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil || strings.HasPrefix(name, "xn--") {
		return withFields(api.Invalid("InvalidBucketName", "The specified bucket is not valid."), "BucketName", name)
	}
	return nil
}

// maxBuckets is how many buckets an account may have (S3 quotas).
const maxBuckets = 10000

func (q *request) createBucket() error {
	if err := checkBucketName(q.bucketName); err != nil {
		return err
	}
	tags, err := q.readBucketConfiguration()
	if err != nil {
		return err
	}
	if v := q.Header.Get("X-Amz-Acl"); v != "" && v != "private" {
		return api.Invalid("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	}
	spec := BucketSpec{ID: awsid.UUID(), Account: q.call.Account, Region: q.call.Region, Created: q.call.Now, Tags: tags}
	spec.Documents = map[string]string{"publicAccessBlock": defaultAccessBlock, "ownershipControls": defaultOwnership}
	if v := q.Header.Get("X-Amz-Object-Ownership"); v != "" {
		spec.Documents["ownershipControls"] = strings.Replace(defaultOwnership, "BucketOwnerEnforced", v, 1)
	}
	if strings.EqualFold(q.Header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		spec.Documents["object-lock"] = lockEnabled
		spec.Documents["versioning"] = `<VersioningConfiguration xmlns="` + namespace + `"><Status>Enabled</Status></VersioningConfiguration>`
	}
	// A place without a bucket's row is nothing yet; a row without a place would fail.
	if err := q.objects.MakeBucket(spec.ID); err != nil {
		return err
	}
	err = q.store.Update(q.Context(), func(tx *store.Tx) error {
		if old, ok := Buckets.Get(tx, q.bucketName); ok {
			return taken(old, q.call)
		}
		if Buckets.Len(tx) >= maxBuckets {
			return api.Invalid("TooManyBuckets", "You have attempted to create more buckets than allowed")
		}
		Buckets.Put(tx, Bucket{Name: q.bucketName, Spec: spec})
		return nil
	})
	if err != nil {
		_ = q.objects.DropBucket(spec.ID) // an empty place harms nobody
		if answer, _ := fault(err); answer.Code != alreadyMade {
			return err
		}
	}
	q.w.Header().Set("Location", "/"+q.bucketName)
	return nil
}

// alreadyMade marks a bucket that the caller made before: in us-east-1 that is
// answered like the first time (S3 API, CreateBucket).
const alreadyMade = "alreadyMade"

// taken answers for a name that is in use.
func taken(old Bucket, call *api.Call) error {
	switch {
	case old.Spec.Account != call.Account:
		return api.Errorf("BucketAlreadyExists", http.StatusConflict, "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	case old.Spec.Region == call.Region && call.Region == "us-east-1":
		return api.Errorf(alreadyMade, http.StatusOK, "The bucket is there")
	}
	return api.Errorf("BucketAlreadyOwnedByYou", http.StatusConflict, "Your previous request to create the named bucket succeeded and you already own it.")
}

// bucketConfiguration is the body of CreateBucket.
type bucketConfiguration struct {
	XMLName            xml.Name   `xml:"CreateBucketConfiguration"`
	LocationConstraint string     `xml:"LocationConstraint"`
	Tags               []tagEntry `xml:"Tags>Tag"`
}

// readBucketConfiguration checks the region that a bucket is wanted in, and
// returns its tags.
func (q *request) readBucketConfiguration() (map[string]string, error) {
	text, err := q.text()
	if err != nil {
		return nil, err
	}
	var in bucketConfiguration
	if len(text) > 0 && xml.Unmarshal(text, &in) != nil {
		return nil, api.Invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	wanted := in.LocationConstraint
	if wanted == "EU" {
		wanted = "eu-west-1"
	}
	if wanted != q.call.Region && !(wanted == "" && q.call.Region == "us-east-1") {
		return nil, api.Invalid("IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", wanted)
	}
	tags := map[string]string{}
	for _, t := range in.Tags {
		tags[t.Key] = t.Value
	}
	if err := tag.Tags(tags).Validate(); err != nil {
		return nil, api.Invalid("InvalidTag", "%v", err)
	}
	return tags, nil
}

func (q *request) deleteBucket() error {
	if err := q.objects.DropBucket(q.bucket.Spec.ID); err != nil {
		return err
	}
	err := q.store.Update(q.Context(), func(tx *store.Tx) error {
		Buckets.Delete(tx, q.bucketName)
		return nil
	})
	if err != nil {
		return err
	}
	return q.noContent()
}

func (q *request) headBucket() error {
	q.w.Header().Set("x-amz-bucket-region", q.bucket.Spec.Region)
	q.w.WriteHeader(http.StatusOK)
	return nil
}

type location struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	Region  string   `xml:",chardata"`
}

func (q *request) getBucketLocation() error {
	region := q.bucket.Spec.Region
	if region == "us-east-1" {
		region = "" // S3's oldest region has no name here
	}
	return q.answer(location{Region: region})
}

type bucketList struct {
	XMLName           xml.Name      `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	Owner             owner         `xml:"Owner"`
	Buckets           []bucketEntry `xml:"Buckets>Bucket"`
	ContinuationToken string        `xml:",omitempty"`
	Prefix            string        `xml:",omitempty"`
}

type bucketEntry struct {
	Name, CreationDate, BucketRegion string
}

func (q *request) listBuckets() error {
	limit, err := q.limit("max-buckets", maxBuckets)
	if err != nil {
		return err
	}
	after, err := openToken(q.query.Get("continuation-token"))
	if err != nil {
		return err
	}
	out := bucketList{Owner: ownerOf(q.call.Account), Prefix: q.query.Get("prefix")}
	region := q.query.Get("bucket-region")
	for name, b := range Buckets.Prefix(q.store.Snapshot(), out.Prefix) {
		if b.Spec.Account != q.call.Account || name <= after || region != "" && region != b.Spec.Region {
			continue
		}
		if len(out.Buckets) == limit {
			out.ContinuationToken = token(out.Buckets[limit-1].Name)
			break
		}
		out.Buckets = append(out.Buckets, bucketEntry{name, stamp(b.Spec.Created), b.Spec.Region})
	}
	return q.answer(out)
}

// An owner is whom a bucket or object belongs to.
type owner struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}
