package s3

import (
	"errors"
	"fmt"
	"time"

	"apex/internal/dataplane/objects"
)

// page is how many objects a sweep looks at between two breaths.
const page = 1000

// A sweeper removes what the rules of a bucket want removed.
type sweeper struct {
	kept *objects.Store
	spec *BucketSpec
	lifecycle
	now time.Time
}

func (s *sweeper) sweep() error {
	if s.spec.versioning() != "" {
		if err := s.versions(); err != nil {
			return fmt.Errorf("sweep versions: %w", err)
		}
	}
	q := objects.Query{Limit: page}
	for {
		list, err := s.kept.List(s.spec.ID, q)
		if err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		for _, o := range list.Objects {
			if !s.expired(o, s.now) {
				continue
			}
			if err := s.expire(o); err != nil && !errors.Is(err, errReplaced) {
				return fmt.Errorf("sweep %s: %w", o.Key, err)
			}
		}
		if !list.More {
			return s.uploads()
		}
		q.After = list.Last
	}
}

// expire deletes an object; with versions it leaves a marker.
func (s *sweeper) expire(o objects.Object) error {
	if s.spec.versioning() == "" {
		return s.kept.Delete(s.spec.ID, o.Key, same(o))
	}
	return s.kept.Mark(s.spec.ID, objects.Object{Key: o.Key, Version: s.spec.newVersion(), Modified: s.now}, same(o))
}

// versions removes versions that were replaced long ago, and markers behind which
// nothing is left.
func (s *sweeper) versions() error {
	q := objects.Query{Limit: page}
	var after *string
	key, newer := "", 0
	for {
		list, err := s.kept.ListVersions(s.spec.ID, q, after)
		if err != nil {
			return err
		}
		for i, v := range list.Versions {
			if v.Key != key {
				key, newer = v.Key, 0
			}
			alone := v.Latest && v.Marker && !(i+1 < len(list.Versions) && list.Versions[i+1].Key == v.Key || i+1 == len(list.Versions) && list.More)
			gone := alone && s.dropsMarkers(v.Object) || !v.Latest && s.outlived(v.Object, newer, s.now)
			if !v.Latest {
				newer++
			}
			if !gone || locked(v.Object, s.now) {
				continue
			}
			if _, err := s.kept.DeleteVersion(s.spec.ID, v.Key, v.Version, same(v.Object)); err != nil && !errors.Is(err, errReplaced) {
				return err
			}
		}
		if !list.More {
			return nil
		}
		q.After, after = list.Last, list.LastVersion
	}
}

func locked(o objects.Object, now time.Time) bool {
	until, _ := time.Parse(time.RFC3339, o.Meta[lockUntil])
	return until.After(now) || o.Meta[legalHold] == "ON"
}

// outlived reports whether a rule wants a replaced version removed, of which some
// are newer.
func (l lifecycle) outlived(o objects.Object, newer int, now time.Time) bool {
	for _, r := range l.Rules {
		if r.Status == "Enabled" && r.Older.Days > 0 && r.matches(o) && newer >= r.Older.Keep && !o.Replaced.IsZero() &&
			!now.Before(midnightAfter(o.Replaced, r.Older.Days)) {
			return true
		}
	}
	return false
}

// dropsMarkers reports whether a rule wants a marker removed that marks nothing.
func (l lifecycle) dropsMarkers(o objects.Object) bool {
	for _, r := range l.Rules {
		if r.Status == "Enabled" && (r.Expiration.Markers || r.Expiration.Days > 0) && r.matches(o) {
			return true
		}
	}
	return false
}

func (s *sweeper) uploads() error {
	list, err := s.kept.Uploads(s.spec.ID)
	if err != nil {
		return fmt.Errorf("sweep uploads: %w", err)
	}
	for _, u := range list {
		if s.abandoned(u, s.now) {
			if err := s.kept.AbortUpload(u.ID); err != nil && !errors.Is(err, objects.ErrNoUpload) {
				return fmt.Errorf("sweep upload %s: %w", u.ID, err)
			}
		}
	}
	return nil
}
