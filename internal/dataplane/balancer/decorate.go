package balancer

import (
	"slices"
	"strings"

	"apex/internal/dataplane/balancer/http1"
)

// A Header is a field that a listener adds to every response, in place of one
// of the same name.
type Header struct{ Name, Value string }

// decorate makes the response's head what the client is to get: the cookies that
// bind it, and what the listener says of fields.
func (x *exchange) decorate() {
	if x.target != nil && x.note.target != 0 {
		x.bind()
	}
	for _, c := range x.cookies {
		x.addCookie(c)
	}
	if x.table == nil {
		return
	}
	if x.table.hideServer {
		x.dropField("server")
	}
	for _, h := range x.table.headers {
		x.dropField(h.Name)
		x.addField(h.Name, h.Value, http1.Other)
	}
}

func (x *exchange) dropField(name string) {
	x.resp.Fields = slices.DeleteFunc(x.resp.Fields, func(f http1.Field) bool {
		return len(f.Name) == len(name) && strings.EqualFold(string(f.Name), name)
	})
}
