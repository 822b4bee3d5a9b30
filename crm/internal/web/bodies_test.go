package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// behind serves an operation as the server does, over a real connection.
func behind(t *testing.T, o Operation) string {
	t.Helper()
	s := httptest.NewServer(Logged(slog.New(slog.NewJSONHandler(io.Discard, nil)), nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.Serve(w, r, tenant.Tenant{})
	})))
	t.Cleanup(s.Close)
	return s.URL
}

func TestDownload(t *testing.T) {
	fail := errors.New("the disk is gone")
	for name, tt := range map[string]struct {
		size   int
		fault  error
		status int
		whole  bool
	}{"whole": {10, nil, 200, true}, "fault before": {0, fail, 500, true}, "fault within": {1 << 20, fail, 200, false}} {
		t.Run(name, func(t *testing.T) {
			url := behind(t, Download("text/csv", func(context.Context, *Call) (File, error) {
				return File{Name: "people 名.csv", ContentType: "text/csv; charset=utf-8", Write: func(_ context.Context, w io.Writer) error {
					if tt.size > 0 {
						w.Write(bytes.Repeat([]byte("x"), tt.size))
					}
					return tt.fault
				}}, nil
			}))
			response, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			_, err = io.ReadAll(response.Body)
			if response.StatusCode != tt.status || (err == nil) != tt.whole {
				t.Errorf("%d, %v", response.StatusCode, err)
			}
			if got := response.Header.Get("Content-Disposition"); tt.status == 200 != strings.HasPrefix(got, "attachment; filename*=utf-8''people%20") {
				t.Errorf("Content-Disposition: %q", got)
			}
		})
	}
}

func form(t *testing.T, size int, fields ...string) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		w.WriteField(f, "value of "+f)
	}
	if size >= 0 {
		file, err := w.CreateFormFile("file", "some.csv")
		if err != nil {
			t.Fatal(err)
		}
		file.Write(bytes.Repeat([]byte("x"), size))
	}
	w.Close()
	return &b, w.FormDataContentType()
}

func TestUpload(t *testing.T) {
	url := behind(t, Upload(1000, func(_ context.Context, _ *Call, p Part) (map[string]any, error) {
		content, err := io.ReadAll(p)
		return map[string]any{"name": p.FileName, "size": len(content), "kind": p.Values.Get("kind")}, err
	}))
	for name, tt := range map[string]struct {
		size   int
		status int
		answer string
	}{
		"fits": {1000, 201, `"size":1000`}, "one more": {1001, 413, "too-large"}, "far too large": {8 << 20, 413, "too-large"},
		"empty": {0, 201, `"kind":"value of kind"`}, "no file": {-1, 400, "has no file"},
	} {
		body, kind := form(t, tt.size, "kind")
		response, err := http.Post(url, kind, body)
		if err != nil {
			t.Fatal(name, err)
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != tt.status || !strings.Contains(string(answer), tt.answer) {
			t.Errorf("%s: %d %s", name, response.StatusCode, answer)
		}
	}
	response, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 415 {
		t.Errorf("JSON: %d", response.StatusCode)
	}
}

func TestStream(t *testing.T) {
	type in struct{ Words []string }
	url := behind(t, Stream(func(_ context.Context, _ *Call, in in, events *Events) error {
		for _, word := range in.Words {
			if word == "stop" {
				return problem.Conflict("stopped")
			}
			if err := events.Send("word", word); err != nil {
				return err
			}
		}
		return nil
	}))
	for body, want := range map[string]string{
		`{"Words":["a","b\n"]}`:    "200 text/event-stream event: word\ndata: \"a\"\n\nevent: word\ndata: \"b\\n\"\n\n",
		`{"Words":["a","stop"]}`:   "200 text/event-stream event: word\ndata: \"a\"\n\nevent: problem\ndata: {\"type\":\"/api/problems/conflict\"",
		`{"Words":["stop","a"]}`:   "409 application/problem+json {",
		`{"Words":[],"Other":"x"}`: "422 application/problem+json {",
	} {
		response, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		got := response.Status[:3] + " " + response.Header.Get("Content-Type") + " " + string(answer)
		if err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q (%v)", body, got, want, err)
		}
	}
}
