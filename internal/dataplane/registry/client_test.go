package registry

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// The usual client pushes, pulls, copies, lists and deletes.
func TestCrane(t *testing.T) {
	s, _ := serve(t)
	host := strings.TrimPrefix(s.URL, "http://")
	auth := crane.WithAuth(&authn.Basic{Username: user, Password: password})
	img, err := random.Image(64<<10, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := crane.Push(img, host+"/app:v1", auth); err != nil {
		t.Fatal("push:", err)
	}
	if err := crane.Copy(host+"/app:v1", host+"/team/tool:v2", auth); err != nil {
		t.Fatal("copy:", err)
	}
	pulled, err := crane.Pull(host+"/team/tool:v2", auth)
	if err != nil {
		t.Fatal("pull:", err)
	}
	if err := validate.Image(pulled); err != nil {
		t.Error("pulled image:", err)
	}
	if diff := cmp.Diff(digestOf(t, img), digestOf(t, pulled)); diff != "" {
		t.Errorf("digest (-pushed +pulled):\n%s", diff)
	}
	if err := crane.Tag(host+"/app:v1", "v3", auth); err != nil {
		t.Error("tag:", err)
	}
	if tags, err := crane.ListTags(host+"/app", auth); err != nil || !cmp.Equal(tags, []string{"v1", "v3"}) {
		t.Errorf("tags %q, %v", tags, err)
	}
	if err := crane.Delete(host+"/app@"+digestOf(t, img), auth); err != nil {
		t.Error("delete:", err)
	}
	if _, err := crane.Digest(host+"/app:v3", auth); err == nil {
		t.Error("a tag outlived its manifest")
	}
	if err := crane.Push(img, host+"/app:v1"); err == nil {
		t.Error("pushed without credentials")
	}
}

func TestIndexOfImages(t *testing.T) {
	s, _ := serve(t)
	ref, err := name.ParseReference(strings.TrimPrefix(s.URL, "http://") + "/app:multi")
	if err != nil {
		t.Fatal(err)
	}
	auth := remote.WithAuth(&authn.Basic{Username: user, Password: password})
	list, err := random.Index(4096, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, list, auth); err != nil {
		t.Fatal("push:", err)
	}
	pulled, err := remote.Index(ref, auth)
	if err != nil {
		t.Fatal("pull:", err)
	}
	if err := validate.Index(pulled); err != nil {
		t.Error(err)
	}
	if _, err := remote.Head(ref, auth, remote.WithTransport(http.DefaultTransport)); err != nil {
		t.Error("head:", err)
	}
}

func digestOf(t *testing.T, img v1.Image) string {
	t.Helper()
	d, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}
