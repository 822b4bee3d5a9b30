// Package web is the manner in which the API speaks HTTP: typed operations
// over JSON, problem+json for whatever fails, ETags that carry versions.
//
// An Operation knows its input and output types, which is what a description
// of the API is made from.
package web

import (
	"context"
	"fmt"
	"hash/crc32"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Call is one request to an operation, with its caller.
type Call struct {
	*http.Request
	Tenant tenant.Tenant
	header http.Header
}

// SetCookie adds a cookie to the answer.
func (c *Call) SetCookie(cookie *http.Cookie) {
	if v := cookie.String(); v != "" {
		c.header.Add("Set-Cookie", v)
	}
}

// SetHeader sets a header of the answer.
func (c *Call) SetHeader(name, value string) { c.header.Set(name, value) }

// ID is the path's {id}; what is no ID names nothing.
func (c *Call) ID(what string) (id.ID, error) {
	v, err := id.Parse(c.PathValue("id"))
	if err != nil {
		return v, problem.NotFound(what)
	}
	return v, nil
}

// IfMatch is the version that the caller read and means to change.
func (c *Call) IfMatch() (int, error) {
	tag := strings.TrimPrefix(strings.TrimSpace(c.Header.Get("If-Match")), "W/")
	v, ok := strings.CutPrefix(strings.Trim(tag, `"`), "v")
	v, _, _ = strings.Cut(v, ".")
	n, err := strconv.Atoi(v)
	if !ok || err != nil || n < 1 {
		return 0, problem.VersionRequired()
	}
	return n, nil
}

// Target is the record that a change means, in the version that was read.
func (c *Call) Target(what string) (which id.ID, version int, err error) {
	if which, err = c.ID(what); err != nil {
		return which, 0, err
	}
	version, err = c.IfMatch()
	return which, version, err
}

// Versioned is a record whose ETag carries its version: "v7.1f0c", in which
// the part behind the dot tells representations of one version apart, as
// names of related records are in them.
type Versioned interface{ RecordVersion() int }

// Located is a created record that says where it is.
type Located interface{ Location() string }

// An Operation is one thing that the API does.
type Operation struct {
	In, Out      reflect.Type // nil: no body, or none of JSON
	Takes, Gives string       // media types of the bodies, "" where there is none
	Status       int          // of success
	OfVersion    bool         // needs the version that it changes, in If-Match
	serve        func(ctx context.Context, c *Call) (status int, body any, err error)
	raw          func(w http.ResponseWriter, c *Call) error // in place of serve: writes its own answer
}

// NeedsVersion is the operation, said to read Call.IfMatch.
func (o Operation) NeedsVersion() Operation {
	o.OfVersion = true
	return o
}

// Streamed says that a body, of the request or the answer, is not held in
// memory, so it can neither be compared nor given again.
func (o Operation) Streamed() bool { return o.raw != nil || o.Takes == TypeForm }

// The media types of bodies that are not files.
const (
	TypeJSON   = "application/json"
	TypeForm   = "multipart/form-data"
	TypeEvents = "text/event-stream"
)

// Read is an operation that changes nothing: 200, or 304.
func Read[Out any](fn func(context.Context, *Call) (Out, error)) Operation {
	return Operation{Out: reflect.TypeFor[Out](), Gives: TypeJSON, Status: http.StatusOK, serve: func(ctx context.Context, c *Call) (int, any, error) {
		out, err := fn(ctx, c)
		return http.StatusOK, out, err
	}}
}

// Create is an operation that makes a record: 201 and Location.
func Create[In, Out any](fn func(context.Context, *Call, In) (Out, error)) Operation {
	return withBody(http.StatusCreated, fn)
}

// Change is an operation that changes a record: 200 and the record.
func Change[In, Out any](fn func(context.Context, *Call, In) (Out, error)) Operation {
	return withBody(http.StatusOK, fn)
}

// Accept is an operation that begins work which goes on after the answer: 202
// and the record of the work.
func Accept[In, Out any](fn func(context.Context, *Call, In) (Out, error)) Operation {
	return withBody(http.StatusAccepted, fn)
}

func withBody[In, Out any](status int, fn func(context.Context, *Call, In) (Out, error)) Operation {
	return Operation{In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out](), Takes: TypeJSON, Gives: TypeJSON, Status: status, serve: func(ctx context.Context, c *Call) (int, any, error) {
		var in In
		if err := decode(c.Request, &in); err != nil {
			return 0, nil, err
		}
		out, err := fn(ctx, c, in)
		return status, out, err
	}}
}

// Act is an operation without a body that answers a record: 200.
func Act[Out any](fn func(context.Context, *Call) (Out, error)) Operation { return Read(fn) }

// Remove is an operation that answers nothing: 204.
func Remove(fn func(context.Context, *Call) error) Operation {
	return Operation{Status: http.StatusNoContent, serve: func(ctx context.Context, c *Call) (int, any, error) {
		return http.StatusNoContent, nil, fn(ctx, c)
	}}
}

// Serve runs the operation for a caller and writes its answer.
func (o Operation) Serve(w http.ResponseWriter, r *http.Request, caller tenant.Tenant) {
	call := &Call{r, caller, w.Header()}
	if o.raw != nil {
		if err := o.raw(w, call); err != nil {
			Fail(w, r, err)
		}
		return
	}
	status, body, err := o.serve(r.Context(), call)
	if err != nil {
		Fail(w, r, err)
		return
	}
	if l, ok := body.(Located); ok && status == http.StatusCreated {
		w.Header().Set("Location", l.Location())
	}
	reply(w, r, status, body)
}

func entityTag(body any, encoded []byte) string {
	if v, ok := body.(Versioned); ok {
		return fmt.Sprintf(`"v%d.%x"`, v.RecordVersion(), crc32.ChecksumIEEE(encoded))
	}
	return fmt.Sprintf(`W/"%x.%x"`, len(encoded), crc32.ChecksumIEEE(encoded))
}
