package s3

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
	"apex/internal/tag"
)

// tagging is S3's document of tags.
type tagging struct {
	XMLName xml.Name   `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
	Tags    []tagEntry `xml:"TagSet>Tag"`
}

// taggingIn is the same as it comes in, whatever its namespace.
type taggingIn struct {
	XMLName xml.Name   `xml:"Tagging"`
	Tags    []tagEntry `xml:"TagSet>Tag"`
}

type tagEntry struct{ Key, Value string }

func taggingOf(tags map[string]string) tagging {
	var t tagging
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		t.Tags = append(t.Tags, tagEntry{key, tags[key]})
	}
	return t
}

// readTags reads a document of tags.
func (q *request) readTags() (map[string]string, error) {
	var in taggingIn
	if err := q.document(&in); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range in.Tags {
		if _, twice := tags[t.Key]; twice {
			return nil, api.Invalid("InvalidTag", "Cannot provide multiple Tags with the same key")
		}
		tags[t.Key] = t.Value
	}
	return tags, nil
}

func (q *request) getBucketTagging() error {
	if len(q.bucket.Spec.Tags) == 0 {
		return api.Errorf("NoSuchTagSet", http.StatusNotFound, "The TagSet does not exist")
	}
	return q.answer(taggingOf(q.bucket.Spec.Tags))
}

func (q *request) putBucketTagging() error {
	tags, err := q.readTags()
	if err != nil {
		return err
	}
	if err := tag.Tags(tags).Validate(); err != nil {
		return api.Invalid("InvalidTag", "%v", err)
	}
	if err := q.change(func(b *BucketSpec) { b.Tags = tags }); err != nil {
		return err
	}
	return q.noContent()
}

func (q *request) deleteBucketTagging() error {
	if err := q.change(func(b *BucketSpec) { b.Tags = nil }); err != nil {
		return err
	}
	return q.noContent()
}

func (q *request) getObjectTagging() error {
	o, err := q.stat()
	if err != nil {
		return err
	}
	q.showVersion(o.Version)
	return q.answer(taggingOf(o.Labels))
}

func (q *request) putObjectTagging() error {
	labels, err := q.readTags()
	if err == nil {
		err = checkLabels(labels)
	}
	if err != nil {
		return err
	}
	return q.relabel(labels)
}

func (q *request) relabel(labels map[string]string) error {
	return q.amend(func(o *objects.Object) error {
		o.Labels = labels
		return nil
	})
}

func (q *request) deleteObjectTagging() error {
	if err := q.relabel(nil); err != nil {
		return err
	}
	return q.noContent()
}
