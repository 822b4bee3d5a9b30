package objects

import (
	"bytes"
	"strings"

	"go.etcd.io/bbolt"
)

// A Query says which part of a bucket to list.
type Query struct {
	Prefix    string // only names that begin with it
	Delimiter string // names that have it after the prefix are rolled up to it; empty rolls up none
	After     string // only names, and rolled-up prefixes, that sort after it
	Limit     int    // at most so many objects and prefixes
}

// A Page is a part of a bucket's list, in order of the names' bytes.
type Page struct {
	Objects  []Object
	Prefixes []string // rolled up
	More     bool     // the list goes on after Last
	Last     string   // the greatest name or prefix of the page
}

// List returns a page of a bucket's objects.
func (s *Store) List(bucket string, q Query) (Page, error) {
	var p Page
	err := s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return ErrNoBucket
		}
		return p.fill(b.Cursor(), q)
	})
	return p, err
}

func (p *Page) fill(c *bbolt.Cursor, q Query) error {
	k, text := c.Seek([]byte(max(q.Prefix, q.After)))
	for k != nil && bytes.HasPrefix(k, []byte(q.Prefix)) {
		key := string(k)
		rolled := rollUp(key, q)
		switch {
		case key <= q.After && rolled == "", rolled != "" && rolled <= q.After:
			// Before the page begins.
		case len(p.Objects)+len(p.Prefixes) == q.Limit:
			p.More = true
			return nil
		case rolled != "":
			p.Prefixes, p.Last = append(p.Prefixes, rolled), rolled
		default:
			o, err := decode[Object](text)
			if err != nil {
				return err
			}
			p.Objects, p.Last = append(p.Objects, o), key
		}
		if rolled == "" {
			k, text = c.Next()
		} else {
			k, text = skip(c, rolled)
		}
	}
	return nil
}

// rollUp returns the prefix that stands for the key in the list, or nothing.
func rollUp(key string, q Query) string {
	if q.Delimiter == "" {
		return ""
	}
	if at := strings.Index(key[len(q.Prefix):], q.Delimiter); at >= 0 {
		return key[:len(q.Prefix)+at+len(q.Delimiter)]
	}
	return ""
}

// skip moves to the first key that does not begin with the prefix.
func skip(c *bbolt.Cursor, prefix string) ([]byte, []byte) {
	if next := beyond(prefix); next != nil {
		return c.Seek(next)
	}
	return nil, nil
}
