package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	user     = "AWS"
	password = "right"
)

// serve starts a registry with the repositories "app" and "team/tool".
func serve(t testing.TB) (*httptest.Server, *mapIndex) {
	t.Helper()
	index := newMapIndex("app", "team/tool")
	server := httptest.NewServer(New(Config{
		Blobs:   openBlobs(t),
		MaxBlob: 8 << 20,
		Log:     slog.New(slog.NewTextHandler(t.Output(), nil)),
		Open: func(_ context.Context, u, p string) (Index, error) {
			if u != user || p != password {
				return nil, ErrUnauthorized
			}
			return index, nil
		},
	}))
	t.Cleanup(server.Close)
	return server, index
}

// call sends a request of the form "PUT /v2/app/…" and returns the answer.
func call(t testing.TB, s *httptest.Server, line, body string, header ...string) (*http.Response, string) {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(answer)
}

// code returns the fault's code in an answer.
func code(answer string) string {
	var body struct{ Errors []struct{ Code string } }
	if json.Unmarshal([]byte(answer), &body) != nil || len(body.Errors) == 0 {
		return ""
	}
	return body.Errors[0].Code
}

const hello = "hello"

var helloDigest = string(DigestOf([]byte(hello)))

// imageOf returns a manifest whose config is the hello blob.
func imageOf(annotation string) string {
	return `{"schemaVersion":2,"mediaType":"` + OCIManifest + `","config":{"mediaType":"text/plain","digest":"` +
		helloDigest + `","size":5},"layers":[],"annotations":{"a":"` + annotation + `"}}`
}

func TestCalls(t *testing.T) {
	manifest := imageOf("")
	digest := string(DigestOf([]byte(manifest)))
	absent := string(DigestOf([]byte("absent")))
	for name, tt := range map[string]struct {
		line   string
		body   string
		header []string
		status int
		want   string // the fault's code, or the body
	}{
		"ping":                   {"GET /v2/", "", nil, 200, ""},
		"blob":                   {"GET /v2/app/blobs/" + helloDigest, "", nil, 200, hello},
		"blob's range":           {"GET /v2/app/blobs/" + helloDigest, "", []string{"Range", "bytes=1-3"}, 206, "ell"},
		"blob beyond its end":    {"GET /v2/app/blobs/" + helloDigest, "", []string{"Range", "bytes=9-"}, 416, "invalid range: failed to overlap\n"},
		"blob of another":        {"GET /v2/team/tool/blobs/" + helloDigest, "", nil, 404, "BLOB_UNKNOWN"},
		"blob of no repository":  {"GET /v2/none/blobs/" + helloDigest, "", nil, 404, "NAME_UNKNOWN"},
		"blob of bad digest":     {"GET /v2/app/blobs/sha256:12", "", nil, 400, "DIGEST_INVALID"},
		"blob deletion":          {"DELETE /v2/app/blobs/" + helloDigest, "", nil, 405, "UNSUPPORTED"},
		"upper-case name":        {"GET /v2/App/blobs/" + helloDigest, "", nil, 400, "NAME_INVALID"},
		"name that climbs":       {"GET /v2/a/%2e%2e/b/tags/list", "", nil, 400, "NAME_INVALID"},
		"manifest by tag":        {"GET /v2/app/manifests/v1", "", nil, 200, manifest},
		"manifest by digest":     {"GET /v2/app/manifests/" + digest, "", nil, 200, manifest},
		"manifest unknown":       {"GET /v2/app/manifests/v2", "", nil, 404, "MANIFEST_UNKNOWN"},
		"mount":                  {"POST /v2/team/tool/blobs/uploads/?from=app&mount=" + helloDigest, "", nil, 201, ""},
		"mount of what is not":   {"POST /v2/team/tool/blobs/uploads/?from=app&mount=" + absent, "", nil, 202, ""},
		"upload to no one":       {"POST /v2/none/blobs/uploads/", "", nil, 404, "NAME_UNKNOWN"},
		"monolithic post":        {"POST /v2/app/blobs/uploads/?digest=" + absent, "absent", nil, 201, ""},
		"monolithic, wrong":      {"POST /v2/app/blobs/uploads/?digest=" + absent, "other", nil, 400, "DIGEST_INVALID"},
		"upload unknown":         {"PATCH /v2/app/blobs/uploads/0123", "x", nil, 404, "BLOB_UPLOAD_UNKNOWN"},
		"manifest no JSON":       {"PUT /v2/app/manifests/v2", "{", nil, 400, "MANIFEST_INVALID"},
		"manifest of wrong type": {"PUT /v2/app/manifests/v2", manifest, []string{"Content-Type", OCIIndex}, 400, "MANIFEST_INVALID"},
		"manifest by wrong hash": {"PUT /v2/app/manifests/" + absent, manifest, nil, 400, "DIGEST_INVALID"},
		"manifest by bad tag":    {"PUT /v2/app/manifests/-x", manifest, nil, 400, "TAG_INVALID"},
		"manifest too large":     {"PUT /v2/app/manifests/v2", strings.Repeat(" ", MaxManifest+1), nil, 413, "SIZE_INVALID"},
		"manifest lacks a blob": {
			"PUT /v2/app/manifests/v2", strings.ReplaceAll(manifest, helloDigest, absent), nil, 404,
			"MANIFEST_BLOB_UNKNOWN",
		},
		"list lacks an image": {
			"PUT /v2/app/manifests/v2", `{"schemaVersion":2,"manifests":[{"digest":"` + absent + `"}]}`,
			[]string{"Content-Type", OCIIndex},
			404, "MANIFEST_BLOB_UNKNOWN",
		},
		"tags":          {"GET /v2/app/tags/list", "", nil, 200, `{"name":"app","tags":["v1"]}` + "\n"},
		"no tags":       {"GET /v2/team/tool/tags/list", "", nil, 200, `{"name":"team/tool","tags":[]}` + "\n"},
		"delete by tag": {"DELETE /v2/app/manifests/v1", "", nil, 202, ""},
		"delete absent": {"DELETE /v2/app/manifests/v9", "", nil, 404, "MANIFEST_UNKNOWN"},
		"catalog":       {"GET /v2/_catalog", "", nil, 400, "NAME_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := serve(t)
			call(t, s, "POST /v2/app/blobs/uploads/?digest="+helloDigest, hello)
			call(t, s, "PUT /v2/app/manifests/v1", manifest)
			resp, answer := call(t, s, tt.line, tt.body, tt.header...)
			if c := code(answer); c != "" {
				answer = c
			}
			if resp.StatusCode != tt.status || answer != tt.want {
				t.Errorf("%s: %d %q, want %d %q", tt.line, resp.StatusCode, answer, tt.status, tt.want)
			}
		})
	}
}

func TestUnauthorized(t *testing.T) {
	s, _ := serve(t)
	for _, secret := range []string{"", "wrong"} {
		req, _ := http.NewRequest("GET", s.URL+"/v2/", nil)
		if secret != "" {
			req.SetBasicAuth(user, secret)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 401 || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("password %q: %d, %q", secret, resp.StatusCode, resp.Header)
		}
	}
}

// The order of requests is that of the docker engine's push.
func TestChunkedUpload(t *testing.T) {
	s, _ := serve(t)
	resp, _ := call(t, s, "POST /v2/app/blobs/uploads/", "")
	at := resp.Header.Get("Location")
	for i, step := range []struct {
		line, chunk, span string
		status            int
		end               string
	}{
		{"GET ", "", "", 204, "0-0"},
		{"PATCH ", "hel", "0-2", 202, "0-2"},
		{"PATCH ", "hel", "0-2", 416, ""},
		{"PATCH ", "x", "junk", 400, ""},
		{"PATCH ", "l", "bytes 3-3/5", 202, "0-3"},
		{"GET ", "", "", 204, "0-3"},
	} {
		var header []string
		if step.span != "" {
			header = []string{"Content-Range", step.span}
		}
		resp, _ := call(t, s, step.line+at, step.chunk, header...)
		if resp.StatusCode != step.status || resp.Header.Get("Range") != step.end {
			t.Fatalf("step %d: %d %q, want %d %q", i, resp.StatusCode, resp.Header.Get("Range"), step.status, step.end)
		}
	}
	resp, answer := call(t, s, "PUT "+at+"?digest="+helloDigest, "o")
	if resp.StatusCode != 201 || resp.Header.Get("Docker-Content-Digest") != helloDigest {
		t.Errorf("finish: %d %s", resp.StatusCode, answer)
	}
	if _, answer := call(t, s, "GET "+resp.Header.Get("Location"), ""); answer != hello {
		t.Errorf("blob %q", answer)
	}
}

func TestCancelUpload(t *testing.T) {
	s, _ := serve(t)
	resp, _ := call(t, s, "POST /v2/app/blobs/uploads/", "")
	at := resp.Header.Get("Location")
	for _, want := range []int{204, 404} {
		if resp, _ := call(t, s, "DELETE "+at, ""); resp.StatusCode != want {
			t.Errorf("cancel: %d, want %d", resp.StatusCode, want)
		}
	}
}

func TestBlobTooLarge(t *testing.T) {
	s, _ := serve(t)
	large := strings.Repeat("x", 8<<20+1)
	d := string(DigestOf([]byte(large)))
	if resp, answer := call(t, s, "POST /v2/app/blobs/uploads/?digest="+d, large); resp.StatusCode != 413 {
		t.Errorf("announced: %d %s", resp.StatusCode, answer)
	}
	resp, _ := call(t, s, "POST /v2/app/blobs/uploads/", "")
	req, _ := http.NewRequest("PATCH", s.URL+resp.Header.Get("Location"), io.MultiReader(bytes.NewReader([]byte(large))))
	req.SetBasicAuth(user, password) // and no Content-Length
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("unannounced: %d", resp.StatusCode)
	}
}

func TestTagPages(t *testing.T) {
	s, _ := serve(t)
	call(t, s, "POST /v2/app/blobs/uploads/?digest="+helloDigest, hello)
	for _, tag := range []string{"c", "a", "b"} {
		call(t, s, "PUT /v2/app/manifests/"+tag, imageOf(tag))
	}
	var pages []string
	next := "/v2/app/tags/list?n=2"
	for next != "" {
		resp, answer := call(t, s, "GET "+next, "")
		pages = append(pages, strings.TrimSpace(answer))
		next, _, _ = strings.Cut(strings.TrimPrefix(resp.Header.Get("Link"), "<"), ">")
	}
	want := []string{`{"name":"app","tags":["a","b"]}`, `{"name":"app","tags":["c"]}`}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestReferrers(t *testing.T) {
	s, _ := serve(t)
	call(t, s, "POST /v2/app/blobs/uploads/?digest="+helloDigest, hello)
	subject := imageOf("")
	d := string(DigestOf([]byte(subject)))
	signature := strings.Replace(imageOf("sig"), `"layers"`, `"subject":{"digest":"`+d+`"},"layers"`, 1)
	resp, answer := call(t, s, "PUT /v2/app/manifests/"+string(DigestOf([]byte(signature))), signature)
	if resp.StatusCode != 201 || resp.Header.Get("OCI-Subject") != d {
		t.Fatalf("put: %d %s", resp.StatusCode, answer)
	}
	for artifact, want := range map[string]int{"": 1, "text/plain": 1, "other": 0} {
		_, answer := call(t, s, "GET /v2/app/referrers/"+d+"?artifactType="+artifact, "")
		if got := strings.Count(answer, `"digest"`); got != want {
			t.Errorf("artifact type %q: %d referrers in %s", artifact, got, answer)
		}
	}
}

func FuzzSplitPath(f *testing.F) {
	for _, s := range []string{"a/b/blobs/uploads/1", "a/blobs/uploads/", "a/tags/list", "x/manifests/latest", "", "/", "blobs"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, resource, object := splitPath(path)
		if validName(name) && resource == "manifests" && name+"/manifests/"+object != strings.TrimSuffix(path, "/") {
			t.Errorf("%q: %q %q %q", path, name, resource, object)
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(imageOf("x")), OCIManifest)
	f.Add([]byte(`{"schemaVersion":2,"manifests":[{"digest":"sha256:1"}]}`), OCIIndex)
	f.Fuzz(func(t *testing.T, body []byte, mediaType string) {
		m, err := ParseManifest(body, mediaType)
		if err != nil {
			return
		}
		for _, d := range append(m.Blobs(), m.Manifests...) {
			if _, err := ParseDigest(string(d.Digest)); err != nil {
				t.Errorf("accepted %q", d.Digest)
			}
		}
	})
}
