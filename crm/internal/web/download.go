package web

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// A File is what a download gives: its content is written as it is made.
type File struct {
	Name        string // as the browser keeps it
	ContentType string
	Inline      bool // shown rather than kept
	Write       func(ctx context.Context, w io.Writer) error
}

// Download is an operation that answers a file of a media type. A fault once
// the file has begun cuts the connection, so that no part passes for the whole.
func Download(gives string, fn func(context.Context, *Call) (File, error)) Operation {
	return Operation{Gives: gives, Status: http.StatusOK, raw: func(w http.ResponseWriter, c *Call) error {
		f, err := fn(c.Context(), c)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", f.ContentType)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "private, no-store")
		how := "attachment"
		if f.Inline {
			how = "inline"
		}
		h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
		begun := &begun{Writer: w}
		if err := f.Write(c.Context(), begun); err != nil {
			if !begun.yes {
				h.Del("Content-Disposition")
				return err
			}
			cut(c.Request, fmt.Errorf("file %s: %w", f.Name, err))
		}
		return nil
	}}
}

// begun remembers whether anything was written.
type begun struct {
	io.Writer
	yes bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.Writer.Write(p)
}

// cut notes the fault for the log and ends the connection.
func cut(r *http.Request, fault error) {
	if e := entryOf(r); e != nil {
		e.fault = fault
	}
	panic(http.ErrAbortHandler)
}
