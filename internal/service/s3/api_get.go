package s3

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// overrides are the headers of the answer that a query may replace.
var overrides = map[string]string{
	"response-content-type": "Content-Type", "response-content-encoding": "Content-Encoding",
	"response-content-disposition": "Content-Disposition", "response-content-language": "Content-Language",
	"response-cache-control": "Cache-Control", "response-expires": "Expires",
}

// getObject serves GetObject and HeadObject.
func (q *request) getObject() error {
	o, err := q.stat()
	if err == nil {
		err = q.decrypt(&o)
	}
	if err != nil {
		return err
	}
	if err := q.readCondition(o, "", http.StatusNotModified); err != nil {
		q.describe(o)
		return err
	}
	part, err := q.span(o)
	if err != nil {
		return err
	}
	if q.Method == http.MethodHead {
		q.describe(o)
		part.begin(q.w, o)
		return nil
	}
	found, content, err := q.objects.OpenVersion(q.bucket.Spec.ID, q.key, q.version(), part.offset, part.length)
	if err != nil {
		return err
	}
	defer content.Close()
	if found.Parts[0].File != o.Parts[0].File {
		return q.getObject() // it was replaced between the two looks
	}
	q.describe(o)
	part.begin(q.w, o)
	_, err = io.Copy(q.w, content)
	if err != nil && q.Context().Err() == nil {
		panic(http.ErrAbortHandler) // the answer has begun and must not look whole
	}
	return nil
}

// hideMissing answers AccessDenied for a missing object to those who may not
// list the bucket, as S3 does.
func (q *request) hideMissing(err error) error {
	if denied := q.allowed("ListBucket", q.bucketName, ""); denied != nil {
		return denied
	}
	if answer, _ := fault(err); answer.Code == "NoSuchKey" {
		return withFields(answer, "Key", q.key)
	}
	return err
}

// describe sets the headers that tell of an object.
func (q *request) describe(o objects.Object) {
	h := q.w.Header()
	for name, value := range o.Meta {
		h.Set(name, value)
	}
	for parameter, name := range overrides {
		if v := q.query.Get(parameter); v != "" {
			h.Set(name, v)
		}
	}
	q.showEncryption(&o)
	q.showVersion(o.Version)
	h.Set("ETag", quoted(o.Tag))
	h.Set("Last-Modified", o.Modified.UTC().Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	if len(o.Labels) > 0 {
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(len(o.Labels)))
	}
	if strings.EqualFold(q.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") && q.Header.Get("Range") == "" && !q.query.Has("partNumber") {
		setSums(h, o.Sums)
	}
}

// readCondition checks a request's conditions on an object. Their headers begin
// with prefix; unchanged is the status for an object that is still the one known.
func (q *request) readCondition(o objects.Object, prefix string, unchanged int) error {
	head := func(name string) string { return q.Header.Get(prefix + name) }
	fresh := func(name string) (time.Time, bool) {
		at, err := http.ParseTime(head(name))
		return at, err == nil
	}
	modified := o.Modified.Truncate(time.Second)
	if match := head("If-Match"); match != "" {
		if match != "*" && unquoted(match) != o.Tag {
			return preconditionFailed()
		}
	} else if at, ok := fresh("If-Unmodified-Since"); ok && modified.After(at) {
		return preconditionFailed()
	}
	same := false
	if none := head("If-None-Match"); none != "" {
		same = none == "*" || unquoted(none) == o.Tag
	} else if at, ok := fresh("If-Modified-Since"); ok {
		same = !modified.After(at)
	}
	switch {
	case !same:
		return nil
	case unchanged == http.StatusNotModified:
		return api.Errorf("NotModified", unchanged, "Not Modified")
	}
	return preconditionFailed()
}

// A span is the part of an object that a request wants.
type span struct {
	offset, length int64
	partial        bool
	parts          int // of the object, if the request names one of them; else 0
}

// begin writes the head of the answer.
func (s span) begin(w http.ResponseWriter, o objects.Object) {
	w.Header().Set("Content-Length", strconv.FormatInt(s.length, 10))
	if s.parts > 1 {
		w.Header().Set("X-Amz-Mp-Parts-Count", strconv.Itoa(s.parts))
	}
	if !s.partial {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.offset, s.offset+s.length-1, o.Size))
	w.WriteHeader(http.StatusPartialContent)
}

// span reads which part of an object is wanted: all, a range, or one of the
// parts it was uploaded in.
func (q *request) span(o objects.Object) (span, error) {
	if q.query.Has("partNumber") {
		return q.partSpan(o)
	}
	all := span{length: o.Size}
	text, ok := strings.CutPrefix(q.Header.Get("Range"), "bytes=")
	if !ok || strings.Contains(text, ",") {
		return all, nil
	}
	first, last, ok := strings.Cut(text, "-")
	from, fromErr := strconv.ParseInt(first, 10, 64)
	to, toErr := strconv.ParseInt(last, 10, 64)
	switch {
	case !ok || fromErr != nil && first != "" || toErr != nil && last != "" || first == "" && last == "" || first != "" && last != "" && to < from:
		return all, nil // not a range: as if it were not there
	case first == "":
		from, to = max(o.Size-to, 0), o.Size-1
	case last == "":
		to = o.Size - 1
	}
	if from >= o.Size || to < from {
		return all, withFields(api.Errorf("InvalidRange", http.StatusRequestedRangeNotSatisfiable, "The requested range is not satisfiable"),
			"RangeRequested", "bytes="+text, "ActualObjectSize", strconv.FormatInt(o.Size, 10))
	}
	return span{offset: from, length: min(to, o.Size-1) - from + 1, partial: true}, nil
}

func (q *request) partSpan(o objects.Object) (span, error) {
	n, err := strconv.Atoi(q.query.Get("partNumber"))
	if err != nil || n < 1 {
		return span{}, api.Invalid("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	}
	if n > len(o.Parts) {
		return span{}, api.Errorf("InvalidPartNumber", http.StatusRequestedRangeNotSatisfiable, "The requested partnumber is not satisfiable")
	}
	s := span{partial: true, parts: len(o.Parts)}
	for _, p := range o.Parts[:n-1] {
		s.offset += p.Size
	}
	s.length = o.Parts[n-1].Size
	return s, nil
}
