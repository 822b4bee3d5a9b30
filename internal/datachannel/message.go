package datachannel

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The types of messages.
const (
	typeInput       = "input_stream_data"
	typeOutput      = "output_stream_data"
	typeAcknowledge = "acknowledge"
	typeClosed      = "channel_closed"
)

// The types of payloads.
const (
	PayloadOutput            uint32 = 1 // bytes of the terminal, either way
	PayloadSize              uint32 = 3 // a Size
	payloadHandshakeRequest  uint32 = 5
	payloadHandshakeResponse uint32 = 6
	payloadHandshakeComplete uint32 = 7
	PayloadFlag              uint32 = 10 // a number of four bytes, such as FlagTerminate
)

// FlagTerminate is how a client ends its session.
const FlagTerminate uint32 = 2

// A message is one frame of the channel. Numbers are big-endian:
//
//	 0   4  length of the header: 116
//	 4  32  type, padded with spaces
//	36   4  schema version: 1
//	40   8  time of making, in milliseconds
//	48   8  sequence number
//	56   8  flags: bit 0 first, bit 1 last of a sequence
//	64  16  id: the lower half of a UUID, then the upper
//	80  32  SHA-256 of the payload
//	112  4  type of the payload
//	116  4  length of the payload
//	120     payload
type message struct {
	kind     string
	sequence int64
	flags    uint64
	id       [16]byte // as a UUID is written
	payload  uint32   // its type
	body     []byte
}

const (
	headerLength = 116
	bodyAt       = headerLength + 4
	// maxMessage bounds what is taken from the other side.
	maxMessage = 1 << 20
)

func (m message) marshal(now time.Time) []byte {
	b := make([]byte, bodyAt, bodyAt+len(m.body))
	binary.BigEndian.PutUint32(b, headerLength)
	copy(b[4:36], m.kind+strings.Repeat(" ", 32))
	binary.BigEndian.PutUint32(b[36:], 1)
	binary.BigEndian.PutUint64(b[40:], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(b[48:], uint64(m.sequence))
	binary.BigEndian.PutUint64(b[56:], m.flags)
	copy(b[64:72], m.id[8:])
	copy(b[72:80], m.id[:8])
	digest := sha256.Sum256(m.body)
	copy(b[80:112], digest[:])
	binary.BigEndian.PutUint32(b[112:], m.payload)
	binary.BigEndian.PutUint32(b[116:], uint32(len(m.body)))
	return append(b, m.body...)
}

func parse(b []byte) (message, error) {
	if len(b) < bodyAt {
		return message{}, fmt.Errorf("message of %d bytes: shorter than its header", len(b))
	}
	at := uint64(binary.BigEndian.Uint32(b)) + 4
	if at < bodyAt || at > uint64(len(b)) {
		return message{}, errors.New("message: its header's length is wrong")
	}
	m := message{
		kind:     strings.TrimRight(string(b[4:36]), " \x00"),
		sequence: int64(binary.BigEndian.Uint64(b[48:])), flags: binary.BigEndian.Uint64(b[56:]),
		payload: binary.BigEndian.Uint32(b[112:]), body: b[at:],
	}
	copy(m.id[8:], b[64:72])
	copy(m.id[:8], b[72:80])
	if int(binary.BigEndian.Uint32(b[116:])) != len(m.body) {
		return message{}, errors.New("message: its payload has not the length that it says")
	}
	if digest := sha256.Sum256(m.body); len(m.body) > 0 && !bytes.Equal(digest[:], b[80:112]) {
		return message{}, errors.New("message: its payload does not match its digest")
	}
	return m, nil
}

// newID returns a random UUID.
func newID() (id [16]byte) {
	_, _ = rand.Read(id[:]) // it never fails
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

func idText(id [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
