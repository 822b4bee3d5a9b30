package awswire

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"
	"reflect"

	"apex/internal/api"
)

// Events writes an answer of the JSON protocols that is a stream of events, in
// frames of application/vnd.amazon.eventstream:
//
//	 0  4  the frame's whole length, big-endian as all numbers here
//	 4  4  the headers' length
//	 8  4  CRC-32 of bytes 0 to 7
//	12  …  headers: name's length (1), name, 7 (a string), value's length (2), value
//	 …  …  payload
//	 …  4  CRC-32 of all before
//
// The first frame is the initial response, which SDKs wait for.
type Events struct {
	w     http.ResponseWriter
	begun bool
	frame []byte // scratch
}

// NewEvents returns the answer that is to be written to w. Nothing is written
// before the first event.
func NewEvents(w http.ResponseWriter) *Events { return &Events{w: w} }

// Begun reports whether something was written.
func (e *Events) Begun() bool { return e.begun }

// Send writes an event, a pointer to its struct, under its name in the model.
func (e *Events) Send(event string, payload any) error {
	if !e.begun {
		e.begun = true
		e.w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		e.w.WriteHeader(http.StatusOK)
		if err := e.write([]byte("{}"), ":event-type", "initial-response"); err != nil {
			return err
		}
	}
	return e.write(appendJSONStruct(nil, reflect.ValueOf(payload).Elem()), ":event-type", event)
}

// Fail ends a stream that has begun with an error.
func (e *Events) Fail(err *api.Error) error {
	body := appendJSONString([]byte(`{"message":`), err.Message)
	return e.write(append(body, '}'), ":exception-type", err.Code)
}

// write writes one frame and sends it on its way.
func (e *Events) write(payload []byte, kind, name string) error {
	message := map[string]string{":event-type": "event", ":exception-type": "exception"}[kind]
	e.frame = append(e.frame[:0], make([]byte, 12)...)
	for _, h := range [][2]string{{kind, name}, {":content-type", "application/json"}, {":message-type", message}} {
		e.frame = append(append(e.frame, byte(len(h[0]))), h[0]...)
		e.frame = binary.BigEndian.AppendUint16(append(e.frame, 7), uint16(len(h[1])))
		e.frame = append(e.frame, h[1]...)
	}
	headers := len(e.frame) - 12
	e.frame = append(e.frame, payload...)
	binary.BigEndian.PutUint32(e.frame, uint32(len(e.frame)+4))
	binary.BigEndian.PutUint32(e.frame[4:], uint32(headers))
	binary.BigEndian.PutUint32(e.frame[8:], crc32.ChecksumIEEE(e.frame[:8]))
	e.frame = binary.BigEndian.AppendUint32(e.frame, crc32.ChecksumIEEE(e.frame))
	if _, err := e.w.Write(e.frame); err != nil {
		return fmt.Errorf("write event %s: %w", name, err)
	}
	return http.NewResponseController(e.w).Flush()
}
