package logfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// MaxMessage is the longest message of one event, in bytes.
const MaxMessage = 1 << 20

const (
	bodyHead  = 16 // event time and arrival time
	frameHead = 8  // length and checksum
	frameTail = 4  // length again
	overhead  = bodyHead + frameHead + frameTail
	maxBody   = bodyHead + MaxMessage
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errDamaged says that the bytes at a place are no whole frame: the tail of a
// write that is under way or was cut off, or a damaged file.
var errDamaged = errors.New("damaged frame")

// An Event is one message of a stream.
type Event struct {
	Time     time.Time // when it happened, says its sender; whole milliseconds
	Ingested time.Time // when it was appended
	Message  []byte
	Position Position // where it begins
}

// Next returns the position just after the event.
func (e Event) Next() Position {
	return Position{e.Position.Segment, e.Position.Offset + overhead + int64(len(e.Message))}
}

// appendFrame appends the frame of one event to b.
func appendFrame(b []byte, event, arrival int64, message []byte) []byte {
	n := uint32(bodyHead + len(message))
	b = binary.LittleEndian.AppendUint32(b, n)
	b = append(b, 0, 0, 0, 0) // the checksum, below
	body := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(event))
	b = binary.LittleEndian.AppendUint64(b, uint64(arrival))
	b = append(b, message...)
	binary.LittleEndian.PutUint32(b[body-4:], crc32.Checksum(b[body:], castagnoli))
	return binary.LittleEndian.AppendUint32(b, n)
}

// frameSize reads a frame's whole size from its first bytes.
func frameSize(head []byte) (int, error) {
	n := binary.LittleEndian.Uint32(head)
	if n < bodyHead || n > maxBody {
		return 0, fmt.Errorf("body of %d bytes: %w", n, errDamaged)
	}
	return frameHead + int(n) + frameTail, nil
}

// frameIn returns the frame that bytes begin with, unchecked.
func frameIn(bytes []byte) ([]byte, error) {
	if len(bytes) < frameHead {
		return nil, errDamaged
	}
	size, err := frameSize(bytes)
	if err != nil {
		return nil, err
	}
	if size > len(bytes) {
		return nil, errDamaged
	}
	return bytes[:size], nil
}

// checkFrame returns the event time of a whole frame.
func checkFrame(frame []byte) (ms int64, err error) {
	body := frame[frameHead : len(frame)-frameTail]
	if n := binary.LittleEndian.Uint32(frame[len(frame)-frameTail:]); int(n) != len(body) {
		return 0, fmt.Errorf("lengths %d and %d: %w", len(body), n, errDamaged)
	}
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(frame[4:]) {
		return 0, fmt.Errorf("checksum: %w", errDamaged)
	}
	return int64(binary.LittleEndian.Uint64(body)), nil
}

// decodeFrame reads a whole frame. The event's message is a copy.
func decodeFrame(frame []byte, at Position) (Event, error) {
	if _, err := checkFrame(frame); err != nil {
		return Event{}, err
	}
	e := eventIn(frame, at)
	e.Message = append([]byte{}, e.Message...)
	return e, nil
}

// eventIn reads a frame that was checked. The event's message is the frame's.
func eventIn(frame []byte, at Position) Event {
	body := frame[frameHead : len(frame)-frameTail]
	return Event{
		Time:     time.UnixMilli(int64(binary.LittleEndian.Uint64(body))).UTC(),
		Ingested: time.UnixMilli(int64(binary.LittleEndian.Uint64(body[8:]))).UTC(),
		Message:  body[bodyHead:],
		Position: at,
	}
}
