package objects

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// A VersionsPage is a part of a bucket's list of versions: by name, the newest
// first.
type VersionsPage struct {
	Versions []Version
	Prefixes []string // rolled up
	More     bool     // the list goes on
	Last     string   // the greatest name or prefix of the page
	// LastVersion is the last version of that name; nil for a prefix.
	LastVersion *string
}

// A Version is an object that is or was there, or a marker.
type Version struct {
	Object
	Latest bool
}

// ListVersions returns a page of all versions of a bucket's objects: those behind
// the version after of the name q.After, or, if after is nil, behind that name.
func (s *Store) ListVersions(bucket string, q Query, after *string) (VersionsPage, error) {
	var p VersionsPage
	err := s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return ErrNoBucket
		}
		names := merged{now: b.Cursor()}
		if h := tx.Bucket(historyRoot).Bucket([]byte(bucket)); h != nil {
			names.past = h.Cursor()
		}
		names.seek([]byte(max(q.Prefix, q.After)))
		for names.key != nil && bytes.HasPrefix(names.key, []byte(q.Prefix)) {
			key := string(names.key)
			if full, err := p.add(tx, bucket, key, q, after); full || err != nil {
				return err
			}
			if rolled := rollUp(key, q); rolled != "" {
				names.seek(beyond(rolled))
			} else {
				names.seek(append([]byte(key), 0))
			}
		}
		return nil
	})
	return p, err
}

// add puts a name's versions, or what it is rolled up to, on the page, and reports
// whether the page is full before it.
func (p *VersionsPage) add(tx *bbolt.Tx, bucket, key string, q Query, after *string) (full bool, err error) {
	if rolled := rollUp(key, q); rolled != "" {
		if rolled <= q.After {
			return false, nil
		}
		if p.More = len(p.Versions)+len(p.Prefixes) >= q.Limit; !p.More {
			p.Prefixes, p.Last, p.LastVersion = append(p.Prefixes, rolled), rolled, nil
		}
		return p.More, nil
	}
	if key < q.After || key == q.After && after == nil {
		return false, nil
	}
	list, err := versionsOf(tx, bucket, key)
	if key == q.After {
		list = behind(list, *after)
	}
	for _, v := range list {
		if p.More = len(p.Versions)+len(p.Prefixes) >= q.Limit; p.More {
			return true, err
		}
		p.Versions, p.Last, p.LastVersion = append(p.Versions, v), key, &v.Version
	}
	return false, err
}

// behind returns the versions that follow one. When that was deleted since the last
// page nothing is known of its place: then all are, so that none is left out.
func behind(list []Version, version string) []Version {
	for i, v := range list {
		if v.Version == version {
			return list[i+1:]
		}
	}
	return list
}

// versionsOf returns all versions of a name, the newest first.
func versionsOf(tx *bbolt.Tx, bucket, key string) (list []Version, err error) {
	now, err := lookup(tx.Bucket(bucketsRoot).Bucket([]byte(bucket)), key)
	if err != nil {
		return nil, err
	}
	if now != nil {
		list = append(list, Version{*now, true})
	}
	past, err := history(pastOf(tx, bucket, key))
	for i, o := range past {
		list = append(list, Version{o, now == nil && i == 0})
	}
	return list, err
}

// merged goes through the names of two cursors in their order.
type merged struct {
	now, past *bbolt.Cursor
	key       []byte
}

func (m *merged) seek(to []byte) {
	if m.key = nil; to == nil {
		return
	}
	if m.key, _ = m.now.Seek(to); m.past == nil {
		return
	}
	if k, _ := m.past.Seek(to); k != nil && (m.key == nil || bytes.Compare(k, m.key) < 0) {
		m.key = k
	}
}

// beyond returns the least name that is greater than all that begin with prefix;
// nil if there is none.
func beyond(prefix string) []byte {
	next := []byte(prefix)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i] < 0xff {
			next[i]++
			return next[:i+1]
		}
	}
	return nil
}
