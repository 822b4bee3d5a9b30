package s3

import (
	"encoding/xml"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// maxDeletes is the most objects that one DeleteObjects may name.
const maxDeletes = 1000

func (q *request) deleteObject() error {
	if err := q.objects.Delete(q.bucket.Spec.ID, q.key, matching(q.Header.Get("If-Match"))); err != nil {
		return err
	}
	return q.noContent()
}

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

type deletedKey struct{ Key string }

type deletionError struct{ Key, Code, Message string }

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
		err := q.allowed("DeleteObject", q.bucketName, o.Key)
		if err == nil && o.VersionID != "" && o.VersionID != nullVersion {
			err = noVersion()
		}
		if err == nil {
			err = q.objects.Delete(q.bucket.Spec.ID, o.Key, matching(o.ETag))
		}
		switch {
		case err != nil:
			answer, _ := fault(err)
			out.Errors = append(out.Errors, deletionError{o.Key, answer.Code, answer.Message})
		case !in.Quiet:
			out.Deleted = append(out.Deleted, deletedKey{o.Key})
		}
	}
	return q.answer(out)
}

// nullVersion is the version of all objects in a bucket without versions.
const nullVersion = "null"

func noVersion() error {
	return api.Invalid("InvalidArgument", "Invalid version id specified")
}
