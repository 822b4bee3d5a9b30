package series

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strconv"
)

const (
	magic       = "APXSER01"
	segmentHead = 24
	maxBody     = 1<<16 - 1
	firstGrowth = 64 << 10
	mostGrowth  = 4 << 20
)

// A segment is one file of a tier.
type segment struct {
	*mapped
	tier  *tierSpec
	start int64 // Unix seconds
	used  int
	last  []uint32 // by series, where its newest record begins; 0 for none
	mark  int64    // the tier is complete up to here, as far as this file says; 0 if it says nothing
	whole bool     // cut to what is used
}

func openSegment(dir string, tier *tierSpec, start int64) (*segment, error) {
	m, err := openMapped(filepath.Join(dir, tier.name+"-"+strconv.FormatInt(start, 10)))
	if err != nil {
		return nil, err
	}
	s := &segment{mapped: m, tier: tier, start: start}
	if len(m.data) >= segmentHead && string(m.data[:8]) == magic &&
		int64(binary.LittleEndian.Uint64(m.data[8:])) == start && binary.LittleEndian.Uint32(m.data[16:]) == uint32(tier.period) {
		s.scan()
		return s, nil
	}
	return s, s.begin()
}

// begin makes an empty file of one that is new, or that is none of ours.
func (s *segment) begin() error {
	if err := s.grow(firstGrowth); err != nil {
		return err
	}
	clear(s.data)
	binary.LittleEndian.PutUint64(s.data[8:], uint64(s.start))
	binary.LittleEndian.PutUint32(s.data[16:], uint32(s.tier.period))
	binary.LittleEndian.PutUint32(s.data[20:], uint32(s.tier.span))
	copy(s.data, magic)
	s.used = segmentHead
	return nil
}

// scan reads every record up to the first that is broken and clears what is behind
// it.
func (s *segment) scan() {
	s.last, s.mark, s.used = nil, 0, segmentHead
	for {
		r, next, err := s.at(s.used)
		if err != nil {
			break
		}
		s.note(r, s.used)
		s.used = next
	}
	clear(s.data[s.used:])
}

// note keeps in mind where a record is.
func (s *segment) note(r record, offset int) {
	if r.kind == kindMark {
		s.mark = s.start + (int64(r.slot)+1)*s.tier.period
		return
	}
	for int(r.series) >= len(s.last) {
		s.last = append(s.last, make([]uint32, max(64, int(r.series)+1-len(s.last)))...)
	}
	s.last[r.series] = uint32(offset)
}

// maxSeries bounds the numbers of series: one beyond it is a broken record.
const maxSeries = 1 << 22

// at reads the record at an offset, and where the next begins.
func (s *segment) at(offset int) (record, int, error) {
	if offset < segmentHead || offset+recordHead > len(s.data) {
		return record{}, 0, errBroken
	}
	size := int(binary.LittleEndian.Uint16(s.data[offset:]))
	next := offset + recordHead + size
	if size == 0 || next > len(s.data) {
		return record{}, 0, errBroken
	}
	body := s.data[offset+recordHead : next]
	if checksum(body) != binary.LittleEndian.Uint16(s.data[offset+2:]) {
		return record{}, 0, errBroken
	}
	r, err := readRecord(body)
	if err == nil && (r.series > maxSeries || int64(r.slot) >= s.tier.span/s.tier.period || (r.series == 0) != (r.kind == kindMark) || int(r.back) > offset) {
		err = errBroken
	}
	return r, next, err
}

// append adds a record. The buffer is for the body; what it returns is the buffer
// to use next.
func (s *segment) append(buffer []byte, r record, slot *Slot) ([]byte, error) {
	if r.series > 0 && int(r.series) < len(s.last) && s.last[r.series] > 0 {
		r.back = uint32(s.used) - s.last[r.series]
	}
	body := appendBody(buffer[:0], r, slot)
	if len(body) > maxBody {
		return body, fmt.Errorf("write to %s: a record of %d bytes", s.file.Name(), len(body))
	}
	need := s.used + recordHead + len(body)
	if need > len(s.data) {
		if err := s.grow(max(need, len(s.data)+min(max(len(s.data), firstGrowth), mostGrowth))); err != nil {
			return body, err
		}
	}
	s.whole = false
	copy(s.data[s.used+recordHead:], body)
	binary.LittleEndian.PutUint16(s.data[s.used+2:], checksum(body))
	binary.LittleEndian.PutUint16(s.data[s.used:], uint16(len(body)))
	s.note(r, s.used)
	s.used = need
	return body, nil
}

// read calls fn with every slot of a series that lies in [from, to), the newest
// record first.
func (s *segment) read(series uint32, from, to int64, fn func(at int64, slot *Slot)) {
	if int(series) >= len(s.last) {
		return
	}
	for offset := int(s.last[series]); offset > 0; {
		r, _, err := s.at(offset)
		if err != nil || r.series != series {
			return
		}
		at := s.start + int64(r.slot)*s.tier.period
		if at >= from && at < to {
			if slot, err := r.figures(); err == nil {
				fn(at, &slot)
			}
		}
		if r.back == 0 {
			return
		}
		offset -= int(r.back)
	}
}

// cutAddedUp cuts off the run of slots that were added up beyond the tier's mark.
func (s *segment) cutAddedUp(mark int64) {
	for offset := segmentHead; offset < s.used; {
		r, next, err := s.at(offset)
		if err != nil {
			return
		}
		if r.addedUp && s.start+int64(r.slot)*s.tier.period >= mark {
			s.cut(offset)
			return
		}
		offset = next
	}
}

// cut forgets all records from an offset on.
func (s *segment) cut(offset int) {
	clear(s.data[offset:s.used])
	s.scan()
}

// trim gives back what the file has beyond its records.
func (s *segment) trim() error {
	if s.whole {
		return nil
	}
	s.whole = true
	if err := s.file.Truncate(int64(s.used)); err != nil {
		return fmt.Errorf("cut %s: %w", s.file.Name(), err)
	}
	return s.remap(s.used)
}
