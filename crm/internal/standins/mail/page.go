package mail

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
)

//go:embed inbox.html
var page string

var inbox = template.Must(template.New("inbox").Parse(page))

// Handler shows the inbox below base: a page, and messages as JSON.
func (b *Inbox) Handler(base string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/{$}", func(w http.ResponseWriter, _ *http.Request) {
		b.head(w, "text/html; charset=utf-8")
		inbox.Execute(w, b.Messages()) // the reader may be gone
	})
	mux.HandleFunc("GET "+base+"/messages", func(w http.ResponseWriter, _ *http.Request) {
		b.head(w, "application/json")
		json.NewEncoder(w).Encode(map[string]any{"items": b.Messages()}) // the reader may be gone
	})
	mux.HandleFunc("DELETE "+base+"/messages", func(w http.ResponseWriter, _ *http.Request) {
		b.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func (b *Inbox) head(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Stand-In", "mail")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
}
