package cookie

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
	"slices"
	"time"
)

// A Visit says that a client was served for a group by the target at an address.
type Visit struct {
	Group uint64 // GroupHash
	At    time.Time
	Addr  netip.AddrPort // the zero value: by any target of the group
}

// maxVisits is how many groups' visits one cookie remembers: the last ones.
const maxVisits = 16

// GroupHash is a short name of a group.
func GroupHash(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return h.Sum64()
}

// With returns the visits with one more in front, which takes the place of an
// earlier one for the same group.
func With(visits []Visit, v Visit) []Visit {
	rest := slices.DeleteFunc(slices.Clone(visits), func(o Visit) bool { return o.Group == v.Group })
	return append([]Visit{v}, rest[:min(len(rest), maxVisits-1)]...)
}

// To returns the visit for a group that is not older than d.
func To(visits []Visit, group uint64, now time.Time, d time.Duration) (Visit, bool) {
	for _, v := range visits {
		if v.Group == group && now.Sub(v.At) <= d {
			return v, true
		}
	}
	return Visit{}, false
}

// SealVisits seals visits for the cookie of the name.
func (s *Sealer) SealVisits(name string, visits []Visit) string {
	var b []byte
	for _, v := range visits {
		b = binary.BigEndian.AppendUint64(b, v.Group)
		b = binary.BigEndian.AppendUint32(b, uint32(v.At.Unix()))
		addr, _ := v.Addr.MarshalBinary() // it has no way to fail
		b = append(append(b, byte(len(addr))), addr...)
	}
	return s.Seal(name, b)
}

// OpenVisits returns what SealVisits sealed; none if the value does not open.
func (s *Sealer) OpenVisits(name string, value []byte) (visits []Visit) {
	b, ok := s.Open(name, value)
	const head = 8 + 4 + 1
	for ok && len(b) >= head && len(b) >= head+int(b[head-1]) {
		end := head + int(b[head-1])
		v := Visit{Group: binary.BigEndian.Uint64(b), At: time.Unix(int64(binary.BigEndian.Uint32(b[8:])), 0)}
		if v.Addr.UnmarshalBinary(b[head:end]) != nil {
			return nil
		}
		visits, b = append(visits, v), b[end:]
	}
	return visits
}
