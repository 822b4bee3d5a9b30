package series

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"time"
)

const (
	entrySeries = 1
	entryUnit   = 2
)

// A known is a series of the catalogue.
type known struct {
	id     ID
	number uint32 // from 1
	unit   string
}

// A catalogue is what series there are.
type catalogue struct {
	file  *os.File
	byKey map[string]*known
	all   []*known // by number, less one
	seen  *mapped
}

func openCatalogue(dir string) (*catalogue, error) {
	path := filepath.Join(dir, "catalogue")
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	c := &catalogue{byKey: map[string]*known{}}
	good := c.load(data)
	if c.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if err := c.file.Truncate(int64(good)); err != nil { // a torn tail
		return nil, errors.Join(err, c.file.Close())
	}
	if _, err := c.file.Seek(int64(good), 0); err != nil {
		return nil, errors.Join(err, c.file.Close())
	}
	if c.seen, err = openMapped(filepath.Join(dir, "seen")); err != nil {
		return nil, errors.Join(err, c.file.Close())
	}
	return c, c.seen.grow(seenSize(len(c.all)))
}

// seenSize is the size of "seen" for so many series: whole pages.
func seenSize(series int) int { return (4*(series+1) + 4095) / 4096 * 4096 }

// load reads entries and returns how many bytes of them are good.
func (c *catalogue) load(data []byte) int {
	good := 0
	for len(data)-good >= 8 {
		size := int(binary.LittleEndian.Uint32(data[good:]))
		if size > len(data)-good-8 || size == 0 {
			break
		}
		body := data[good+8 : good+8+size]
		if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(data[good+4:]) || !c.apply(body) {
			break
		}
		good += 8 + size
	}
	return good
}

// apply takes over one entry, and reports whether it reads.
func (c *catalogue) apply(body []byte) bool {
	cur := cursor{rest: body}
	switch cur.byte() {
	case entrySeries:
		k := &known{unit: cur.text(), id: ID{Scope: cur.text(), Space: cur.text(), Name: cur.text()}, number: uint32(len(c.all) + 1)}
		labels := cur.uvarint()
		for i := uint64(0); i < labels && !cur.broken; i++ {
			k.id.Labels = append(k.id.Labels, Label{cur.text(), cur.text()})
		}
		if cur.broken || len(cur.rest) > 0 {
			return false
		}
		c.all = append(c.all, k)
		c.byKey[k.id.Key()] = k
		return true
	case entryUnit:
		number, unit := cur.uint32(), cur.text()
		if cur.broken || number == 0 || int(number) > len(c.all) {
			return false
		}
		c.all[number-1].unit = unit
		return true
	}
	return false
}

// write appends an entry to the file, and then takes it over.
func (c *catalogue) write(body []byte) error {
	entry := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	entry = binary.LittleEndian.AppendUint32(entry, crc32.Checksum(body, castagnoli))
	if _, err := c.file.Write(append(entry, body...)); err != nil {
		return fmt.Errorf("write catalogue of series: %w", err)
	}
	c.apply(body)
	return nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// number returns a series, made with its first sample, under its unit.
func (c *catalogue) number(id ID, unit string) (*known, error) {
	k := c.byKey[id.Key()]
	if k == nil {
		if len(c.all) >= maxSeries {
			return nil, fmt.Errorf("add series %s %s: there are %d already", id.Space, id.Name, maxSeries)
		}
		if err := c.seen.grow(seenSize(len(c.all) + 1)); err != nil {
			return nil, err
		}
		body := []byte{entrySeries}
		for _, s := range []string{unit, id.Scope, id.Space, id.Name} {
			body = appendText(body, s)
		}
		body = binary.AppendUvarint(body, uint64(len(id.Labels)))
		for _, l := range id.Labels {
			body = appendText(appendText(body, l.Name), l.Value)
		}
		if err := c.write(body); err != nil {
			return nil, err
		}
		return c.all[len(c.all)-1], nil
	}
	if k.unit != unit {
		body := binary.AppendUvarint([]byte{entryUnit}, uint64(k.number))
		if err := c.write(appendText(body, unit)); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// see notes the time of a sample, if it is the newest.
func (c *catalogue) see(k *known, at int64) {
	place := c.seen.data[4*k.number:]
	if at > int64(binary.LittleEndian.Uint32(place)) && at <= 1<<32-1 {
		binary.LittleEndian.PutUint32(place, uint32(at))
	}
}

func (c *catalogue) seenAt(k *known) time.Time {
	return time.Unix(int64(binary.LittleEndian.Uint32(c.seen.data[4*k.number:])), 0).UTC()
}

func (c *catalogue) close() error {
	return errors.Join(c.file.Close(), c.seen.close(seenSize(len(c.all))))
}
