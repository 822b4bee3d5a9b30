package s3

import (
	"encoding/xml"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// maxDeletes is the most objects that one DeleteObjects may name.
const maxDeletes = 1000

// matching lets an object be deleted only if it has the entity tag; empty lets
// any.
func matching(tag string) objects.Condition {
	if tag == "" {
		return nil
	}
	return func(old *objects.Object) error {
		if old != nil && tag != "*" && unquoted(tag) != old.Tag {
			return preconditionFailed()
		}
		return nil
	}
}

// deletion is the body of DeleteObjects.
type deletion struct {
	XMLName xml.Name `xml:"Delete"`
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		ETag      string
	} `xml:"Object"`
	Quiet bool
}

type deletionResult struct {
	XMLName xml.Name        `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedKey    `xml:"Deleted"`
	Errors  []deletionError `xml:"Error"`
}

type deletedKey struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deletionError struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

func (q *request) deleteObjects() error {
	var in deletion
	if err := q.document(&in); err != nil {
		return err
	}
	if len(in.Objects) == 0 || len(in.Objects) > maxDeletes {
		return api.Invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	var out deletionResult
	for _, o := range in.Objects {
		gone, err := q.removeNamed(o.Key, o.VersionID, matching(o.ETag))
		switch {
		case err != nil:
			answer, _ := fault(err)
			out.Errors = append(out.Errors, deletionError{o.Key, o.VersionID, answer.Code, answer.Message})
		case !in.Quiet:
			out.Deleted = append(out.Deleted, gone)
		}
	}
	return q.answer(out)
}

// removeNamed deletes one of many objects and tells what became of it.
func (q *request) removeNamed(key, version string, when objects.Condition) (deletedKey, error) {
	out := deletedKey{Key: key, VersionID: version}
	action, named := "DeleteObject", (*string)(nil)
	if version != "" {
		action, named = "DeleteObjectVersion", api.Ptr(readVersion(version))
	}
	err := checkVersion(version)
	if err == nil {
		err = q.allowed(action, q.bucketName, key)
	}
	if err != nil {
		return out, err
	}
	o, err := q.remove(key, named, when)
	if out.DeleteMarker = o.Marker; o.Marker {
		out.DeleteMarkerVersionID = shownVersion(o.Version)
	}
	return out, err
}
