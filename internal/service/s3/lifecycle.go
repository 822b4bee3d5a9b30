package s3

import (
	"encoding/xml"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// A lifecycle is what a bucket's configuration says about the age of objects.
type lifecycle struct {
	Rules []lifecycleRule `xml:"Rule"`
}

// A lifecycleRule removes objects, and uploads that were never finished.
type lifecycleRule struct {
	ID         string
	Status     string
	Prefix     string // of rules older than Filter
	Filter     lifecycleFilter
	Expiration struct {
		Days    int
		Date    string
		Markers bool `xml:"ExpiredObjectDeleteMarker"`
	}
	// Older is about versions that were replaced.
	Older struct {
		Days int `xml:"NoncurrentDays"`
		Keep int `xml:"NewerNoncurrentVersions"`
	} `xml:"NoncurrentVersionExpiration"`
	Abort struct {
		Days int `xml:"DaysAfterInitiation"`
	} `xml:"AbortIncompleteMultipartUpload"`
}

// A lifecycleFilter says which objects a rule is of.
type lifecycleFilter struct {
	lifecycleMatch
	Tag tagEntry
	And struct {
		lifecycleMatch
		Tags []tagEntry `xml:"Tag"`
	}
}

type lifecycleMatch struct {
	Prefix                string
	ObjectSizeGreaterThan int64
	ObjectSizeLessThan    int64
}

// parseLifecycle reads a configuration and refuses what would not be acted on.
func parseLifecycle(text string) (lifecycle, error) {
	var l lifecycle
	if err := xml.Unmarshal([]byte(text), &l); err != nil || len(l.Rules) == 0 || len(l.Rules) > 1000 {
		return l, malformed()
	}
	for _, r := range l.Rules {
		switch {
		case r.Status != "Enabled" && r.Status != "Disabled":
			return l, malformed()
		case r.Expiration.Days < 0 || r.Abort.Days < 0 || r.Older.Days < 0:
			return l, api.Invalid("InvalidArgument", "'Days' for Expiration action must be a positive integer")
		case r.Expiration.Date != "":
			at, err := time.Parse(time.RFC3339, r.Expiration.Date)
			if err != nil || !at.Equal(at.Truncate(24*time.Hour)) {
				return l, api.Invalid("InvalidArgument", "'Date' must be at midnight GMT")
			}
		}
	}
	return l, nil
}

// expired reports whether a rule wants an object removed.
func (l lifecycle) expired(o objects.Object, now time.Time) bool {
	for _, r := range l.Rules {
		if r.Status != "Enabled" || !r.matches(o) {
			continue
		}
		if date, err := time.Parse(time.RFC3339, r.Expiration.Date); err == nil && !now.Before(date) {
			return true
		}
		if r.Expiration.Days > 0 && !now.Before(midnightAfter(o.Modified, r.Expiration.Days)) {
			return true
		}
	}
	return false
}

// abandoned reports whether a rule wants an unfinished upload removed.
func (l lifecycle) abandoned(u objects.Upload, now time.Time) bool {
	for _, r := range l.Rules {
		if r.Status == "Enabled" && r.Abort.Days > 0 && strings.HasPrefix(u.Object.Key, r.prefix()) &&
			!now.Before(midnightAfter(u.Object.Modified, r.Abort.Days)) {
			return true
		}
	}
	return false
}

// midnightAfter is when something is some days old: the midnight that follows
// (S3 user guide, Expiring objects).
func midnightAfter(t time.Time, days int) time.Time {
	return t.UTC().AddDate(0, 0, days).Truncate(24*time.Hour).AddDate(0, 0, 1)
}

func (r lifecycleRule) prefix() string { return r.Prefix + r.Filter.Prefix + r.Filter.And.Prefix }

func (r lifecycleRule) matches(o objects.Object) bool {
	tags := r.Filter.And.Tags
	if r.Filter.Tag.Key != "" {
		tags = append(tags[:len(tags):len(tags)], r.Filter.Tag)
	}
	for _, t := range tags {
		if v, ok := o.Labels[t.Key]; !ok || v != t.Value {
			return false
		}
	}
	more := r.Filter.ObjectSizeGreaterThan + r.Filter.And.ObjectSizeGreaterThan
	less := r.Filter.ObjectSizeLessThan + r.Filter.And.ObjectSizeLessThan
	return strings.HasPrefix(o.Key, r.prefix()) && (more == 0 || o.Size > more) && (less == 0 || o.Size < less)
}
