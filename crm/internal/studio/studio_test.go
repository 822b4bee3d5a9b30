package studio

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"

	"apexai/crm/web"
)

var handler = sync.OnceValues(func() (http.Handler, error) { return New() }) // compressing takes a moment

func get(t *testing.T, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	h, err := handler()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	response := w.Result()
	body := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" && method != http.MethodHead {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]int{
		"/": 200, "/people": 200, "/people/x": 200, "/companies": 200, "/companies/x": 200, "/login": 200, "/healthz": 200,
		"/settings": 200, "/settings/appearance": 200, "/settings/a/b": 200, "/settingsx": 404, "/companies/x/y": 404,
		"/api": 404, "/nothing": 404, "/people/x/y": 404, "/assets/": 404, "/assets/v/none.js": 404, "/favicon.ico": 200,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if r, body := get(t, method, path); r.StatusCode != want || (method == "HEAD" && body != "") {
				t.Errorf("%s %s: %d, %d bytes; want %d", method, path, r.StatusCode, len(body), want)
			}
		}
	}
}

// Everything that the shell names is there, typed, kept for ever and gzipped.
func TestAssets(t *testing.T) {
	_, shell := get(t, "GET", "/")
	refs := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(shell, -1)
	if len(refs) < 10 {
		t.Fatalf("the shell names %d assets", len(refs))
	}
	for _, ref := range refs {
		r, body := get(t, "GET", ref[1], "Accept-Encoding", "gzip")
		if r.StatusCode != 200 || body == "" || r.Header.Get("Content-Type") == "" || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", ref[1], r.StatusCode, r.Header)
		}
		if strings.HasSuffix(ref[1], "app.js") && r.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: not compressed", ref[1])
		}
	}
	old := regexp.MustCompile(`/assets/[0-9a-f]+/`).ReplaceAllString(refs[0][1], "/assets/0000/")
	if r, _ := get(t, "GET", old); r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("of another version: %d %s", r.StatusCode, r.Header.Get("Cache-Control"))
	}
}

// Every module that a module imports, at once or later, and every style that it
// attaches is there; what the first page loads is named in the shell.
func TestImports(t *testing.T) {
	if _, err := handler(); err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?:from |import\(|^import |import\.meta\.url, )'(\.[^']+)'`)
	modules, preloaded := 0, 0
	err := fs.WalkDir(web.Files(), "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".js" {
			return err
		}
		modules++
		text, err := fs.ReadFile(web.Files(), name)
		for _, found := range names.FindAllStringSubmatch(string(text), -1) {
			if _, err := fs.Stat(web.Files(), path.Join(path.Dir(name), found[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, shell := get(t, "GET", "/")
	for _, ref := range regexp.MustCompile(`modulepreload" href="([^"]+)"`).FindAllStringSubmatch(shell, -1) {
		preloaded++
		if r, _ := get(t, "GET", ref[1]); r.StatusCode != 200 {
			t.Errorf("%s: %d", ref[1], r.StatusCode)
		}
	}
	if preloaded < 10 || preloaded > modules-10 {
		t.Errorf("%d of %d modules are loaded first", preloaded, modules)
	}
}

func TestNothingInlineOrForeign(t *testing.T) {
	for _, path := range []string{"/", "/nothing"} {
		r, body := get(t, "GET", path)
		if !strings.HasPrefix(r.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: policy %q", path, r.Header.Get("Content-Security-Policy"))
		}
		for _, bad := range []string{"<script>", "style=", " onclick", "http://", "https://", "{{"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
	}
}

// The first visit loads little: budgets of the shell, and of the modules and
// styles that it names, compressed. What pages load later is for the log.
func TestWeight(t *testing.T) {
	const kib = 1 << 10
	sizeOf := func(path string) int64 {
		r, _ := get(t, "HEAD", path, "Accept-Encoding", "gzip")
		return r.ContentLength
	}
	_, shell := get(t, "GET", "/")
	first := map[string]int64{"shell": sizeOf("/")}
	for _, ref := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+\.(js|css))"`).FindAllStringSubmatch(shell, -1) {
		first[ref[2]] += sizeOf(ref[1])
	}
	all := map[string]int64{}
	base := regexp.MustCompile(`/assets/[0-9a-f]+/`).FindString(shell)
	err := fs.WalkDir(web.Files(), "static", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[path.Ext(name)] += sizeOf(base + strings.TrimPrefix(name, "static/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("first page: shell %d bytes, modules %d, styles %d; the whole studio: modules %d, styles %d",
		first["shell"], first["js"], first["css"], all[".js"], all[".css"])
	if first["shell"] > 15*kib || first["js"] > 120*kib || first["css"] > 20*kib {
		t.Errorf("too heavy: %v", first)
	}
}
