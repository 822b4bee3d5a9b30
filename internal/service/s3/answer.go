package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// namespace is that of S3's XML.
const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// maxDocument is the largest XML or JSON body of a request, in bytes: a list of
// 1,000 keys to delete or of 10,000 parts fits in.
const maxDocument = 4 << 20

func notImplemented(format string, args ...any) *api.Error {
	return api.Errorf("NotImplemented", http.StatusNotImplemented, format, args...)
}

// withFields adds members to an error: name, value, name, value, ….
func withFields(e *api.Error, pairs ...string) *api.Error {
	e.Fields = map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Fields[pairs[i]] = pairs[i+1]
	}
	return e
}

// answer writes XML.
func (q *request) answer(v any) error {
	text, err := xml.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	q.w.Header().Set("Content-Type", "application/xml")
	q.w.WriteHeader(http.StatusOK)
	// An error here is of the connection: the client is gone.
	_, _ = io.WriteString(q.w, xml.Header)
	_, _ = q.w.Write(text)
	return nil
}

// noContent answers that it is done.
func (q *request) noContent() error {
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

// document reads a body of XML into v.
func (q *request) document(v any) error {
	text, err := q.text()
	if err != nil {
		return err
	}
	if err := xml.Unmarshal(text, v); err != nil {
		return api.Invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	return nil
}

// text reads a small body.
func (q *request) text() ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(q.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, bodyFault(err)
	case len(text) > maxDocument:
		return nil, api.Invalid("MaxMessageLengthExceeded", "Your request was too big")
	}
	return text, nil
}

// fault turns an error into the one that is answered; false says that it is the
// region's own.
func fault(err error) (*api.Error, bool) {
	if answer := (*api.Error)(nil); errors.As(err, &answer) {
		return answer, true
	}
	switch {
	case errors.Is(err, objects.ErrNoBucket):
		return api.Errorf("NoSuchBucket", http.StatusNotFound, "The specified bucket does not exist"), true
	case errors.Is(err, objects.ErrNoObject):
		return api.Errorf("NoSuchKey", http.StatusNotFound, "The specified key does not exist."), true
	case errors.Is(err, objects.ErrNoVersion):
		return api.Errorf("NoSuchVersion", http.StatusNotFound, "The specified version does not exist."), true
	case errors.Is(err, objects.ErrMarker):
		return api.Errorf("MethodNotAllowed", http.StatusMethodNotAllowed, "The specified method is not allowed against this resource."), true
	case errors.Is(err, objects.ErrNoUpload):
		return api.Errorf("NoSuchUpload", http.StatusNotFound, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."), true
	case errors.Is(err, objects.ErrNotEmpty):
		return api.Errorf("BucketNotEmpty", http.StatusConflict, "The bucket you tried to delete is not empty"), true
	}
	return api.Errorf("InternalError", http.StatusInternalServerError, "We encountered an internal error. Please try again."), false
}

// fail answers an error, and logs it if it is the region's fault.
func (d *Door) fail(w http.ResponseWriter, r *http.Request, call *api.Call, err error) {
	answer, known := fault(err)
	if !known && !errors.Is(err, context.Canceled) {
		d.log.ErrorContext(r.Context(), "call failed", slog.String("service", "s3"), slog.String("method", r.Method),
			slog.String("path", r.URL.Path), slog.String("request", call.RequestID), slog.Any("error", err))
	}
	d.Refuse(w, r, call, answer)
}

// Refuse answers a request with an error.
func (d *Door) Refuse(w http.ResponseWriter, r *http.Request, call *api.Call, answer *api.Error) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(answer.Status)
	if r.Method == http.MethodHead || answer.Status == http.StatusNotModified {
		return
	}
	var b strings.Builder
	b.WriteString(xml.Header + "<Error>")
	write := func(name, value string) {
		b.WriteString("<" + name + ">")
		_ = xml.EscapeText(&b, []byte(value)) // a Builder takes everything
		b.WriteString("</" + name + ">")
	}
	write("Code", answer.Code)
	write("Message", answer.Message)
	for name, value := range answer.Fields {
		write(name, fmt.Sprint(value))
	}
	write("Resource", r.URL.Path)
	write("RequestId", call.RequestID)
	b.WriteString("</Error>")
	// An error here is of the connection: the client is gone.
	_, _ = io.WriteString(w, b.String())
}
