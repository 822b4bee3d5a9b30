package image

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	other "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
)

// Push speaks to other registries than ours too.
func TestPush(t *testing.T) {
	server := httptest.NewServer(other.New(other.Logger(discard)))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	img, err := random.Image(1024, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := Push(t.Context(), img, host+"/app:v1", Auth{"AWS", "x"}); err != nil {
		t.Fatal(err)
	}
	want, _ := img.Digest()
	if got, err := crane.Digest(host+"/app:v1", crane.WithAuth(authn.Anonymous)); err != nil || got != want.String() {
		t.Errorf("digest %q, %v", got, err)
	}
}

func TestPushFaults(t *testing.T) {
	img, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := Push(t.Context(), img, "Not A Reference", Auth{}); err == nil {
		t.Error("bad reference is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Push(ctx, img, "127.0.0.1:1/app:v1", Auth{}); err == nil {
		t.Error("no registry is no error")
	}
}
