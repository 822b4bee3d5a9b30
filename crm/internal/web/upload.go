package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"

	"apexai/crm/internal/problem"
)

// A Part is the file of a multipart form, read as it arrives, with the values
// of the form that came before it.
type Part struct {
	io.Reader
	FileName string
	Values   url.Values
}

const (
	maxValue  = 64 << 10
	maxValues = 50
)

// Upload is an operation that takes one file of at most limit bytes, with
// values before it, and makes a record: 201. Reading past the limit gives a
// problem, which fn returns as it is.
func Upload[Out any](limit int64, fn func(context.Context, *Call, Part) (Out, error)) Operation {
	return Operation{Out: reflect.TypeFor[Out](), Takes: TypeForm, Gives: TypeJSON, Status: http.StatusCreated, serve: func(ctx context.Context, c *Call) (int, any, error) {
		if c.ContentLength > limit+maxValues*maxValue {
			return 0, nil, problem.TooLarge(limit)
		}
		part, err := openForm(c.Request, limit)
		if err != nil {
			return 0, nil, err
		}
		out, err := fn(ctx, c, part)
		return http.StatusCreated, out, err
	}}
}

func openForm(r *http.Request, limit int64) (Part, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return Part{}, problem.MediaType(r.Header.Get("Content-Type"))
	}
	part := Part{Values: url.Values{}}
	for range maxValues {
		p, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return Part{}, problem.Syntax("the form has no file")
		}
		if err != nil {
			return Part{}, cannot("the form cannot be read", err)
		}
		if p.FileName() != "" {
			part.FileName = p.FileName()
			part.Reader = &bounded{p, limit, limit}
			return part, nil
		}
		if err := readValue(part.Values, p); err != nil {
			return Part{}, err
		}
	}
	return Part{}, problem.Syntax(fmt.Sprintf("the form has more than %d values before its file", maxValues))
}

func readValue(values url.Values, p *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(p, maxValue+1))
	if err != nil {
		return cannot("the form cannot be read", err)
	}
	if len(text) > maxValue {
		return problem.TooLarge(maxValue)
	}
	values.Add(p.FormName(), string(text))
	return nil
}

// bounded refuses what is larger than it may be, where io.LimitReader would
// pass a part for the whole.
type bounded struct {
	io.Reader
	left, limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, problem.TooLarge(b.limit)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, cannot("the file ended early", err)
	}
	return n, err
}

// cannot says what was not possible, unless err says it already.
func cannot(what string, err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	return problem.Syntax(what + ": " + err.Error())
}
