package web

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/segmentio/encoding/json"
)

const worthCompressing = 1024 // bytes

// Encoded is an answer that may be JSON already; it is not if that is nil.
type Encoded interface{ Encoded() []byte }

// AppendJSON adds an answer to b as json.Marshal would write it.
func AppendJSON(b []byte, body any) ([]byte, error) {
	if ready, ok := body.(Encoded); ok && ready.Encoded() != nil {
		return append(b, ready.Encoded()...), nil
	}
	return json.Append(b, body, json.EscapeHTML|json.SortMapKeys)
}

// keptBuffer is how large an answer's buffer may have grown to be used again.
const keptBuffer = 1 << 20

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// reply writes body as JSON, or 304 if the caller has it already.
func reply(w http.ResponseWriter, r *http.Request, status int, body any) {
	if w.Header().Get("Cache-Control") == "" { // else the operation knows better
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	if body == nil {
		w.WriteHeader(status)
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer func() {
		if cap(*buffer) <= keptBuffer {
			buffers.Put(buffer)
		}
	}()
	encoded, err := AppendJSON((*buffer)[:0], body)
	if err != nil {
		Fail(w, r, err)
		return
	}
	*buffer = encoded
	tag := entityTag(body, encoded)
	w.Header().Set("ETag", tag)
	if r.Method == http.MethodGet && has(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, status, "application/json", encoded)
}

// has says whether a list of tags, as of If-None-Match, has one: weak or not,
// as proxies that compress weaken them.
func has(list, tag string) bool {
	if list == "" {
		return false
	}
	tag = strings.TrimPrefix(tag, "W/")
	for one := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == tag {
			return true
		}
	}
	return false
}

// Fail answers err as a problem: as it is if it is one, else as a fault of
// ours, whose cause goes to the log and not to the caller.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	shown := asProblem(r, err)
	if shown.Again {
		w.Header().Set("Retry-After", "1")
	}
	if shown.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if shown.Location != "" {
		w.Header().Set("Location", shown.Location)
	}
	w.Header().Set("Cache-Control", "no-store")
	encoded, err := json.Marshal(shown)
	if err != nil {
		encoded = []byte(`{"type":"/api/problems/internal","title":"Something went wrong on our side","status":500}`)
	}
	send(w, r, shown.Status, "application/problem+json", encoded)
}

var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return z
}}

func send(w http.ResponseWriter, r *http.Request, status int, kind string, encoded []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	if len(encoded) < worthCompressing || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Length", strconv.Itoa(len(encoded)))
		w.WriteHeader(status)
		w.Write(encoded) // the caller may be gone; there is nobody to tell
		return
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := compressors.Get().(*gzip.Writer)
	z.Reset(w)
	z.Write(encoded)
	z.Close()
	compressors.Put(z)
}
