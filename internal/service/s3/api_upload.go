package s3

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// The limits of uploads in parts (S3 user guide, Multipart upload limits).
const (
	maxParts = 10000
	minPart  = 5 << 20 // bytes, of all parts but the last
)

type uploadStarted struct {
	XMLName     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
	Bucket, Key string
	UploadID    string `xml:"UploadId"`
}

func (q *request) createUpload() error {
	o, err := q.described()
	if err != nil {
		return err
	}
	a, err := namedAlgorithm(q.Header, "X-Amz-Checksum-Algorithm")
	if err != nil {
		return err
	}
	kind := q.Header.Get("X-Amz-Checksum-Type")
	if kind, err = sumKind(a, kind); err != nil {
		return err
	}
	// Until it is finished, an upload's object holds what kind of checksum it gets.
	o.Sums = map[string]string{string(cmp.Or(a, defaultAlgorithm)): kind}
	u, err := q.objects.StartUpload(q.bucket.Spec.ID, o)
	if err != nil {
		return err
	}
	if a != "" {
		q.w.Header().Set("X-Amz-Checksum-Algorithm", string(a))
		q.w.Header().Set("X-Amz-Checksum-Type", kind)
	}
	q.showEncryption(&u.Object)
	return q.answer(uploadStarted{Bucket: q.bucketName, Key: q.key, UploadID: u.ID})
}

// sumKind fills in the kind of checksum that an upload gets, and refuses those
// that S3 does not make (S3 user guide, Checking object integrity).
func sumKind(a algorithm, kind string) (string, error) {
	isSHA := a == sha1Sum || a == sha256Sum
	switch {
	case kind == "" && (a == "" || a == crc64NVME):
		return fullObject, nil
	case kind == "":
		return composite, nil
	case kind == fullObject && isSHA, kind == composite && (a == "" || a == crc64NVME), kind != fullObject && kind != composite:
		return "", api.Invalid("InvalidRequest", "The %s checksum type cannot be used with the %s checksum algorithm.", kind, a)
	}
	return kind, nil
}

// sumOf returns the algorithm and kind of checksum of an upload.
func sumOf(u objects.Upload) (algorithm, string) {
	for a, kind := range u.Object.Sums {
		return algorithm(a), kind
	}
	return defaultAlgorithm, fullObject
}

// upload finds the upload and part that a request names.
func (q *request) upload() (objects.Upload, map[int]objects.Part, error) {
	return q.objects.Upload(q.bucket.Spec.ID, q.key, q.query.Get("uploadId"))
}

func (q *request) partNumber() (int, error) {
	n, err := strconv.Atoi(q.query.Get("partNumber"))
	if err != nil || n < 1 || n > maxParts {
		return 0, api.Invalid("InvalidArgument", "Part number must be an integer between 1 and %d, inclusive", maxParts)
	}
	return n, nil
}

func (q *request) uploadPart() error {
	n, err := q.partNumber()
	if err != nil {
		return err
	}
	u, _, err := q.upload()
	if err != nil {
		return err
	}
	a, _ := sumOf(u)
	staged, sums, err := q.receive(a)
	if err != nil {
		return err
	}
	defer staged.Discard()
	part, err := q.objects.AddPart(u, n, staged, sums)
	if err != nil {
		return err
	}
	q.w.Header().Set("ETag", quoted(part.Tag))
	for name, sum := range sums {
		q.w.Header().Set(algorithm(name).header(), sum)
	}
	return nil
}

func (q *request) uploadPartCopy() error {
	n, err := q.partNumber()
	if err != nil {
		return err
	}
	u, _, err := q.upload()
	if err != nil {
		return err
	}
	bucket, from, err := q.source()
	if err != nil {
		return err
	}
	old, err := q.statSource(bucket, from)
	if err != nil {
		return err
	}
	part, err := q.sourceSpan(old)
	if err != nil {
		return err
	}
	a, _ := sumOf(u)
	staged, sums, err := q.stageSource(bucket, from, part, a)
	if err != nil {
		return err
	}
	defer staged.Discard()
	made, err := q.objects.AddPart(u, n, staged, sums)
	if err != nil {
		return err
	}
	return q.copied("CopyPartResult", q.call.Now, made.Tag)
}

// completion is the body of CompleteMultipartUpload.
type completion struct {
	XMLName xml.Name        `xml:"CompleteMultipartUpload"`
	Parts   []completedPart `xml:"Part"`
}

type completedPart struct {
	PartNumber int
	ETag       string
}

type completed struct {
	XMLName                     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
	Location, Bucket, Key, ETag string
}

func (q *request) completeUpload() error {
	var in completion
	if err := q.document(&in); err != nil {
		return err
	}
	u, have, err := q.upload()
	if err != nil {
		return err
	}
	when, err := q.writeCondition()
	if err != nil {
		return err
	}
	o := u.Object
	o.Modified, o.Version = q.call.Now, q.bucket.Spec.newVersion()
	if o.Parts, err = chosenParts(in.Parts, have); err != nil {
		return err
	}
	o.Tag = tagOfParts(o.Parts)
	if o.Sums, err = q.sumOfParts(u, o); err != nil {
		return err
	}
	if err := q.objects.FinishUpload(u, o, when); err != nil {
		return err
	}
	setSums(q.w.Header(), o.Sums)
	q.showVersion(o.Version)
	q.showEncryption(&o)
	return q.answer(completed{Location: "http://" + q.Host + q.URL.Path, Bucket: q.bucketName, Key: q.key, ETag: quoted(o.Tag)})
}

// chosenParts finds the parts that an upload is finished with.
func chosenParts(list []completedPart, have map[int]objects.Part) ([]objects.Part, error) {
	if len(list) == 0 {
		return nil, api.Invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	var parts []objects.Part
	for i, p := range list {
		part, ok := have[p.PartNumber]
		switch {
		case i > 0 && p.PartNumber <= list[i-1].PartNumber:
			return nil, api.Invalid("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
		case !ok || unquoted(p.ETag) != part.Tag:
			return nil, api.Invalid("InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
		case i < len(list)-1 && part.Size < minPart:
			return nil, api.Invalid("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// tagOfParts is the entity tag of an object in parts: the MD5 of their MD5s, and
// their number.
func tagOfParts(parts []objects.Part) string {
	sum := md5.New()
	for _, p := range parts {
		text, _ := hex.DecodeString(p.Tag) // ours: it is hexadecimal
		sum.Write(text)
	}
	return fmt.Sprintf("%x-%d", sum.Sum(nil), len(parts))
}

// sumOfParts makes an upload's checksum and compares it with the one given. One
// of the whole content costs a look at all of it.
func (q *request) sumOfParts(u objects.Upload, o objects.Object) (map[string]string, error) {
	a, kind := sumOf(u)
	sum := a.hash()
	text := ""
	if kind == composite {
		for _, p := range o.Parts {
			part, err := base64.StdEncoding.DecodeString(p.Sums[string(a)])
			if err != nil || len(part) == 0 {
				return nil, api.Invalid("InvalidRequest", "The upload was created using a %s checksum. The complete request must include the checksum for each part.", a)
			}
			sum.Write(part)
		}
		text = encoded(sum) + "-" + strconv.Itoa(len(o.Parts))
	} else {
		content, err := q.objects.Content(o)
		if err != nil {
			return nil, err
		}
		defer content.Close()
		if _, err := io.Copy(sum, content); err != nil {
			return nil, err
		}
		text = encoded(sum)
	}
	if claim := q.Header.Get(a.header()); claim != "" && claim != text && claim != strings.TrimSuffix(text, "-"+strconv.Itoa(len(o.Parts))) {
		return nil, api.Invalid("BadDigest", "The %s you specified did not match the calculated checksum.", a)
	}
	return map[string]string{string(a): text}, nil
}

func (q *request) abortUpload() error {
	u, _, err := q.upload()
	if err != nil {
		return err
	}
	if err := q.objects.AbortUpload(u.ID); err != nil {
		return err
	}
	return q.noContent()
}
