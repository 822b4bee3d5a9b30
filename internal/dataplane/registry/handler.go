package registry

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// A Config says what a registry serves.
type Config struct {
	Blobs *Blobs
	// Open returns what the bearer of Basic credentials may see, or
	// ErrUnauthorized.
	Open func(ctx context.Context, user, password string) (Index, error)
	// MaxBlob is the largest blob accepted, in bytes; zero means 10 GiB.
	MaxBlob int64
	Log     *slog.Logger
}

// New returns the handler of everything under /v2/.
func New(config Config) http.Handler {
	if config.MaxBlob == 0 {
		config.MaxBlob = 10 << 30
	}
	return &handler{config}
}

type handler struct{ Config }

// A request is one call on one repository.
type request struct {
	*handler
	*http.Request
	w          http.ResponseWriter
	index      Index
	repository string
	object     string // what follows the resource in the path: a digest, reference or upload
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	if err := h.serve(w, r); err != nil {
		h.fail(w, r, err)
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) error {
	user, password, ok := r.BasicAuth()
	if !ok {
		return ErrUnauthorized
	}
	index, err := h.Open(r.Context(), user, password)
	if err != nil {
		return err
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v2/")
	if path == "" || !ok { // "/v2" and "/v2/": does the registry speak the protocol?
		w.WriteHeader(http.StatusOK)
		return nil
	}
	name, resource, object := splitPath(path)
	if !validName(name) {
		return ErrNameInvalid.because("repository %q: invalid name", name)
	}
	call := &request{h, r, w, index, name, object}
	serve := routes[r.Method+" "+resource]
	if serve == nil {
		return ErrUnsupported
	}
	return serve(call)
}

// routes are the calls by method and resource.
var routes = map[string]func(*request) error{
	"GET blobs":        (*request).getBlob,
	"HEAD blobs":       (*request).getBlob,
	"POST uploads":     (*request).startUpload,
	"GET uploads":      (*request).uploadStatus,
	"PATCH uploads":    (*request).extendUpload,
	"PUT uploads":      (*request).finishUpload,
	"DELETE uploads":   (*request).cancelUpload,
	"GET manifests":    (*request).getManifest,
	"HEAD manifests":   (*request).getManifest,
	"PUT manifests":    (*request).putManifest,
	"DELETE manifests": (*request).deleteManifest,
	"GET tags":         (*request).listTags,
	"GET referrers":    (*request).listReferrers,
}

// splitPath takes "team/app/blobs/uploads/7" apart into repository, resource
// and object. A repository's name may itself have such words in it, so the last
// ones count.
func splitPath(path string) (name, resource, object string) {
	path = strings.TrimSuffix(path, "/")
	if name, ok := strings.CutSuffix(path, "/blobs/uploads"); ok {
		return name, "uploads", ""
	}
	if name, ok := strings.CutSuffix(path, "/tags/list"); ok {
		return name, "tags", ""
	}
	rest, object := cutLast(path)
	if name, ok := strings.CutSuffix(rest, "/blobs/uploads"); ok {
		return name, "uploads", object
	}
	name, resource = cutLast(rest)
	return name, resource, object
}

func cutLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

var (
	namePattern = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagPattern  = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
)

// ValidTag reports whether s can be a tag.
func ValidTag(s string) bool { return tagPattern.MatchString(s) }

func validName(name string) bool { return len(name) <= 256 && namePattern.MatchString(name) }

// fail answers with the fault's code. The registry's own faults are logged,
// not told.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	known := asError(err)
	if known.Status >= http.StatusInternalServerError && r.Context().Err() == nil {
		h.Log.ErrorContext(r.Context(), "registry call failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if errors.Is(known, ErrUnauthorized) {
		w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
	}
	type fault struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	answer(w, known.Status, map[string]any{"errors": []fault{{known.Code, known.Message}}})
}

func answer(w http.ResponseWriter, status int, body any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the client is gone if it fails
}
