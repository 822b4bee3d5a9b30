// Package studio serves the pages of the CRM: one shell for all of them, and
// the assets that it loads. It asks nobody: data goes from the browser to the
// API by itself.
//
// Assets live under the hash of all of them together, /assets/3f9c…/app.js,
// so modules import each other by plain relative paths, every file may be
// cached for ever, and any change is a new folder.
package studio

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"apexai/crm/web"
)

// csp allows the studio's own files and API, and nothing from elsewhere but
// calls of the identity provider.
const csp = "default-src 'self'; connect-src 'self'%s; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// New reads all files and compresses them once. Pages may call the API at
// their own origin, and those given: the identity provider's.
func New(origins ...string) (http.Handler, error) {
	s := studio{assets: map[string]file{}, csp: fmt.Sprintf(csp, strings.Join(append([]string{""}, origins...), " "))}
	hash := sha256.New()
	files := web.Files()
	err := fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		fmt.Fprintf(hash, "%s %d\n%s", name, len(content), content)
		s.assets[name] = compressed(name, content)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("studio: %w", err)
	}
	s.version = hex.EncodeToString(hash.Sum(nil)[:8])
	if s.shell, err = s.page(files, "shell.html", s.modules("app.js")); err != nil {
		return nil, fmt.Errorf("studio: %w", err)
	}
	if s.missing, err = s.page(files, "missing.html", nil); err != nil {
		return nil, fmt.Errorf("studio: %w", err)
	}
	return s.routes(), nil
}

type studio struct {
	csp            string
	version        string
	assets         map[string]file
	shell, missing file
}

// A file is held as it is and gzipped, if that is any smaller.
type file struct {
	kind        string
	plain, gzip []byte
}

func compressed(name string, content []byte) file {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	z.Write(content)
	z.Close()
	f := file{kind: kindOf(name), plain: content}
	if b.Len() < len(content)*9/10 {
		f.gzip = b.Bytes()
	}
	return f
}

// kindOf does not depend on the machine's own table of types.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// page fills in where the assets are, and has the browser fetch the modules
// at once rather than as it comes upon them.
func (s studio) page(files fs.FS, name string, scripts []string) (file, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return file{}, err
	}
	var preload strings.Builder
	for _, script := range scripts {
		fmt.Fprintf(&preload, "<link rel=\"modulepreload\" href=\"/assets/%s/%s\">\n", s.version, script)
	}
	text = bytes.ReplaceAll(text, []byte("{{preload}}"), []byte(strings.TrimSpace(preload.String())))
	text = bytes.ReplaceAll(text, []byte("{{assets}}"), []byte("/assets/"+s.version))
	return compressed(name, text), nil
}

func (s studio) routes() http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range s.patterns() {
		mux.HandleFunc("GET "+pattern, s.serveShell)
	}
	mux.HandleFunc("GET /assets/{version}/{name...}", s.serveAsset)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		s.send(w, r, http.StatusOK, s.assets["icon.svg"], "public, max-age=86400")
	})
	mux.HandleFunc("/", s.serveMissing)
	return mux
}

// serveShell says which version it is, so that a page can ask for a newer one.
func (s studio) serveShell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Studio-Version", s.version)
	s.send(w, r, http.StatusOK, s.shell, "no-store")
}

func (s studio) serveMissing(w http.ResponseWriter, r *http.Request) {
	s.send(w, r, http.StatusNotFound, s.missing, "no-store")
}

// serveAsset answers for other versions too: during a roll-out a page of the
// new version may ask a task of the old one. That answer is not kept.
func (s studio) serveAsset(w http.ResponseWriter, r *http.Request) {
	f, ok := s.assets[r.PathValue("name")]
	if !ok {
		s.serveMissing(w, r)
		return
	}
	cache := "public, max-age=31536000, immutable"
	if r.PathValue("version") != s.version {
		cache = "no-store"
	}
	s.send(w, r, http.StatusOK, f, cache)
}

func (s studio) send(w http.ResponseWriter, r *http.Request, status int, f file, cache string) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", cache)
	h.Set("Content-Security-Policy", s.csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	body := f.plain
	if f.gzip != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = f.gzip
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // the browser may be gone
	}
}
