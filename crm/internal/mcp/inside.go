package mcp

import (
	"bytes"
	"context"
	"net/http"

	"apexai/crm/internal/web"
)

// credentials are the headers that say who calls.
var credentials = []string{"Authorization", "Cookie", "X-Workspace-Id", "X-Forwarded-For"}

// get asks the API for a path as the caller would.
func (s Server) get(ctx context.Context, c *web.Call, path string) (status int, body []byte) {
	inside, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Base+path, nil)
	if err != nil {
		return http.StatusBadRequest, nil
	}
	inside.Host, inside.RemoteAddr = c.Host, c.RemoteAddr
	for _, name := range credentials {
		if v, ok := c.Header[name]; ok {
			inside.Header[name] = v
		}
	}
	w := &kept{header: http.Header{}}
	s.API.ServeHTTP(w, inside)
	return w.status, w.body.Bytes()
}

// kept is an answer that stays in memory.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(data []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(data)
}
