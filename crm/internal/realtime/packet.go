package realtime

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// The packets of Engine.IO 4 that pass over a websocket, and of Socket.IO 5
// within its messages.
const (
	engineOpen, engineClose, enginePing, enginePong, engineMessage = '0', '1', '2', '3', '4'

	socketConnect, socketDisconnect, socketEvent, socketAck, socketError = '0', '1', '2', '3', '4'
)

// A packet is what a client sent.
type packet struct {
	engine    byte
	kind      byte   // of an engineMessage
	namespace string // "/" if none is named
	ack       string // the number to answer to, empty if no answer is wanted
	event     string
	args      []json.RawMessage // without the event's name
}

var (
	errPacket = errors.New("packet: not of Engine.IO 4 and Socket.IO 5")
	errBinary = errors.New("packet: binary events are not taken here")
)

// parse reads one text message.
func parse(text string) (packet, error) {
	p := packet{namespace: "/"}
	if text == "" {
		return p, errPacket
	}
	p.engine = text[0]
	switch text = text[1:]; p.engine {
	case engineClose, enginePing, enginePong:
		return p, nil
	case engineMessage:
	default:
		return p, errPacket
	}
	if text == "" {
		return p, errPacket
	}
	p.kind, text = text[0], text[1:]
	if p.kind == '5' || p.kind == '6' {
		return p, errBinary
	}
	if strings.HasPrefix(text, "/") {
		p.namespace, text, _ = strings.Cut(text, ",")
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	p.ack, text = text[:digits], text[digits:]
	switch p.kind {
	case socketConnect, socketDisconnect, socketAck, socketError:
		return p, nil // what more they carry is not used here
	case socketEvent:
		return p, p.read(text)
	}
	return p, errPacket
}

func (p *packet) read(text string) error {
	if err := json.Unmarshal([]byte(text), &p.args); err != nil || len(p.args) == 0 || len(p.ack) > 15 {
		return errPacket
	}
	if err := json.Unmarshal(p.args[0], &p.event); err != nil {
		return errPacket
	}
	p.args = p.args[1:]
	return nil
}

// opening is the first packet on a connection.
func opening(sid string) []byte {
	hello, _ := json.Marshal(map[string]any{ // plain values
		"sid": sid, "upgrades": []string{}, "pingInterval": pingEvery.Milliseconds(), "pingTimeout": pongWithin.Milliseconds(), "maxPayload": maxMessage,
	})
	return append([]byte{engineOpen}, hello...)
}

// connected answers the client's wish to enter the one namespace.
func connected(sid string) []byte { return []byte(`40{"sid":` + strconv.Quote(sid) + `}`) }

// refused says why the client may not enter; the client stops trying.
func refused(namespace, message string, status int) []byte {
	at := ""
	if namespace != "/" {
		at = namespace + ","
	}
	why, _ := json.Marshal(map[string]any{"message": message, "data": map[string]int{"status": status}}) // plain values
	return append([]byte("44"+at), why...)
}

// framed is an event for clients; payload is JSON.
func framed(event string, payload json.RawMessage) []byte {
	name, _ := json.Marshal(event) // a string
	frame := append([]byte("42["), name...)
	if len(payload) > 0 {
		frame = append(append(frame, ','), payload...)
	}
	return append(frame, ']')
}

// answered acknowledges an event.
func answered(ack string, payload any) []byte {
	encoded, err := json.Marshal([]any{payload})
	if err != nil {
		encoded = []byte("[]") // answers are plain values
	}
	return append([]byte("43"+ack), encoded...)
}
