package openapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"
)

//go:embed docs.html docs.css docs.js
var files embed.FS

// csp: the page needs its own script and style and the description, no more.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// Handler serves the description at /api/openapi.json and a page that shows it
// at /api/docs. Both are the same for everybody and need no session.
func Handler(d Document) (http.Handler, error) {
	encoded, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		send(w, r, "application/json", encoded)
	})
	for path, name := range map[string]string{"/api/docs": "docs.html", "/api/docs/docs.css": "docs.css", "/api/docs/docs.js": "docs.js"} {
		content, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("openapi: %w", err)
		}
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { send(w, r, kindOf(name), content) })
	}
	return mux, nil
}

func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, ".css"):
		return "text/css; charset=utf-8"
	case strings.HasSuffix(name, ".js"):
		return "text/javascript; charset=utf-8"
	}
	return "text/html; charset=utf-8"
}

func send(w http.ResponseWriter, r *http.Request, kind string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, no-cache")
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", fmt.Sprintf(`"%x"`, crc32.ChecksumIEEE(content)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
