package s3

import (
	"cmp"
	"encoding/xml"
	"maps"
	"slices"
	"strings"

	"apex/internal/dataplane/objects"
)

type partList struct {
	XMLName              xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
	Bucket, Key          string
	UploadID             string `xml:"UploadId"`
	Initiator, Owner     owner
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	ChecksumAlgorithm    string
	ChecksumType         string
	Parts                []partEntry `xml:"Part"`
}

type partEntry struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
}

func (q *request) listParts() error {
	u, have, err := q.upload()
	if err != nil {
		return err
	}
	limit, err := q.limit("max-parts", maxKeys)
	if err != nil {
		return err
	}
	after, err := q.limit("part-number-marker", maxParts)
	if !q.query.Has("part-number-marker") {
		after = 0
	}
	if err != nil {
		return err
	}
	a, kind := sumOf(u)
	who := ownerOf(q.bucket.Spec.Account)
	out := partList{
		Bucket: q.bucketName, Key: q.key, UploadID: u.ID, Initiator: who, Owner: who, StorageClass: "STANDARD",
		PartNumberMarker: after, MaxParts: limit, ChecksumAlgorithm: string(a), ChecksumType: kind,
	}
	for _, n := range slices.Sorted(maps.Keys(have)) {
		if n <= after {
			continue
		}
		if out.IsTruncated = len(out.Parts) == limit; out.IsTruncated {
			break
		}
		p := have[n]
		out.Parts = append(out.Parts, partEntry{n, stamp(u.Object.Modified), quoted(p.Tag), p.Size})
		out.NextPartNumberMarker = n
	}
	return q.answer(out)
}

type uploadList struct {
	XMLName     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
	Bucket      string
	Prefix      string `xml:",omitempty"`
	MaxUploads  int
	IsTruncated bool
	Uploads     []uploadEntry `xml:"Upload"`
}

type uploadEntry struct {
	Key              string
	UploadID         string `xml:"UploadId"`
	Initiator, Owner owner
	StorageClass     string
	Initiated        string
}

// listUploads lists all unfinished uploads on one page.
func (q *request) listUploads() error {
	list, err := q.objects.Uploads(q.bucket.Spec.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b objects.Upload) int {
		return cmp.Or(cmp.Compare(a.Object.Key, b.Object.Key), a.Object.Modified.Compare(b.Object.Modified))
	})
	out := uploadList{Bucket: q.bucketName, Prefix: q.given("prefix"), MaxUploads: max(len(list), maxKeys)}
	who := ownerOf(q.bucket.Spec.Account)
	for _, u := range list {
		if strings.HasPrefix(u.Object.Key, q.query.Get("prefix")) {
			out.Uploads = append(out.Uploads, uploadEntry{q.encode(u.Object.Key), u.ID, who, who, "STANDARD", stamp(u.Object.Modified)})
		}
	}
	return q.answer(out)
}
