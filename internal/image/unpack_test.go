package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"

	"apex/internal/dataplane/registry"
)

// store puts an image's blobs and manifest into a new registry.
func store(t testing.TB, img v1.Image) (*registry.Blobs, string) {
	t.Helper()
	blobs, err := registry.OpenBlobs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put := func(content []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		d := registry.DigestOf(content)
		if _, err := blobs.Put(d, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		return string(d)
	}
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		r, err := l.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		_, err = content.ReadFrom(r)
		put(content.Bytes(), err)
	}
	put(img.RawConfigFile())
	return blobs, put(img.RawManifest())
}

func unpack(t testing.TB, img v1.Image) Unpacked {
	t.Helper()
	blobs, digest := store(t, img)
	out, err := Unpack(t.Context(), blobs, digest, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tarball makes a tar file of headers; regular files hold their own names.
func tarball(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			w.Write([]byte(h.Name))
		}
	}
	w.Close()
	return b.Bytes()
}

func reg(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg} }
func dir(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755} }

func sym(name, to string) tar.Header {
	return tar.Header{Name: name, Linkname: to, Typeflag: tar.TypeSymlink}
}

func hard(name, to string) tar.Header {
	return tar.Header{Name: name, Linkname: to, Typeflag: tar.TypeLink}
}

// tree lists what lies in a folder, one line for each name.
func tree(t testing.TB, root string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		if name == "." || err != nil {
			return err
		}
		line := name
		switch e.Type() {
		case 0:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += "=" + string(content)
		case fs.ModeSymlink:
			to, _ := os.Readlink(path)
			line += "->" + to
		case fs.ModeDevice | fs.ModeCharDevice:
			line += " hidden"
		case fs.ModeDir:
			line += "/"
		default:
			line += " " + e.Type().String()
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, " ")
}

func TestExtract(t *testing.T) {
	for name, tt := range map[string]struct {
		headers []tar.Header
		want    string
	}{
		"plain":                  {[]tar.Header{dir("a"), reg("a/f"), sym("l", "a/f")}, "a/ a/f=a/f l->a/f"},
		"without folders":        {[]tar.Header{reg("a/b/f")}, "a/ a/b/ a/b/f=a/b/f"},
		"./ and /":               {[]tar.Header{dir("./"), dir("./a/"), reg("/a/f")}, "a/ a/f=/a/f"},
		"hard link":              {[]tar.Header{reg("f"), hard("g", "/f")}, "f=f g=f"},
		"absolute link is kept":  {[]tar.Header{sym("l", "/etc/passwd")}, "l->/etc/passwd"},
		"file after folder":      {[]tar.Header{dir("x"), reg("x/y"), reg("x")}, "x=x"},
		"folder after file":      {[]tar.Header{reg("x"), dir("x"), reg("x/y")}, "x/ x/y=x/y"},
		"folder after folder":    {[]tar.Header{dir("x"), reg("x/y"), dir("x")}, "x/ x/y=x/y"},
		"file after link":        {[]tar.Header{reg("f"), sym("l", "f"), reg("l")}, "f=f l=l"},
		"through a link inside":  {[]tar.Header{dir("a"), sym("l", "a"), reg("l/f")}, "a/ a/f=l/f l->a"},
		"fifo":                   {[]tar.Header{{Name: "p", Typeflag: tar.TypeFifo}}, "p p---------"},
		"devices are left out":   {[]tar.Header{{Name: "d", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}}, ""},
		"whiteout":               {[]tar.Header{reg("a/.wh.gone")}, "a/ a/gone hidden"},
		"whiteout of own":        {[]tar.Header{reg("a"), reg(".wh.a")}, "a=a"},
		"dots within a name":     {[]tar.Header{reg("..a"), reg("a/../b")}, "..a=..a b=a/../b"},
		"parent's link, cleared": {[]tar.Header{sym("x", "/tmp"), dir("x"), reg("x/f")}, "x/ x/f=x/f"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := extract(bytes.NewReader(tarball(t, tt.headers...)), root); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tree(t, root)); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExtractRefuses(t *testing.T) {
	for name, headers := range map[string][]tar.Header{
		"climbing name":            {reg("../f")},
		"climbing later":           {reg("a/../../f")},
		"climbing whiteout":        {reg("a/.wh...")},
		"through a climbing link":  {sym("l", ".."), reg("l/f")},
		"through an absolute link": {sym("l", "/tmp"), reg("l/f")},
		"through two links":        {sym("b", ".."), sym("a", "b/root/.."), reg("a/f")},
		"hard link out":            {hard("h", "../../etc/passwd")},
		"hard link through link":   {sym("l", "/etc"), hard("h", "l/passwd")},
		"whiteout through link":    {sym("l", ".."), reg("l/.wh.f")},
		"the root as a file":       {reg("./.")},
	} {
		t.Run(name, func(t *testing.T) {
			outside := t.TempDir()
			root := filepath.Join(outside, "in", "root")
			if err := os.MkdirAll(root, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := extract(bytes.NewReader(tarball(t, headers...)), root); err == nil {
				t.Errorf("extracted to %q", tree(t, root))
			}
			if got := tree(t, outside); !strings.HasPrefix(got, "in/ in/root/") || strings.Contains(strings.ReplaceAll(got, "in/root/", ""), "f") {
				t.Errorf("outside: %q", got)
			}
		})
	}
}

func TestExtractKeepsAttributes(t *testing.T) {
	root := t.TempDir()
	ball := tarball(t,
		tar.Header{Name: "d", Typeflag: tar.TypeDir, Mode: 0o1700, Uid: 7, Gid: 8, ModTime: fixed},
		tar.Header{Name: "d/f", Typeflag: tar.TypeReg, Mode: 0o4751, Uid: 9, Gid: 10, ModTime: fixed})
	if err := extract(bytes.NewReader(ball), root); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"d":   fmt.Sprint(fs.ModeDir|fs.ModeSticky|0o700, " 7 8 ", fixed.Unix()),
		"d/f": fmt.Sprint(fs.ModeSetuid|0o751, " 9 10 ", fixed.Unix()),
	} {
		if diff := cmp.Diff(want, attributes(t, filepath.Join(root, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOpaqueFolder(t *testing.T) {
	root := t.TempDir()
	if err := extract(bytes.NewReader(tarball(t, reg("a/.wh..wh..opq"), reg("a/f"))), root); err != nil {
		t.Fatal(err)
	}
	if got := opaque(t, filepath.Join(root, "a")); got != "y" {
		t.Errorf("opaque mark %q", got)
	}
}

func TestUnpackSharesLayers(t *testing.T) {
	base, err := random.Image(1024, 2)
	if err != nil {
		t.Fatal(err)
	}
	top, err := random.Layer(512, types.OCILayer)
	if err != nil {
		t.Fatal(err)
	}
	more, err := mutate.AppendLayers(base, top)
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	blobs, digest := store(t, base)
	one, err := Unpack(t.Context(), blobs, digest, cache)
	if err != nil {
		t.Fatal(err)
	}
	blobs, digest = store(t, more)
	two, err := Unpack(t.Context(), blobs, digest, cache)
	if err != nil {
		t.Fatal(err)
	}
	if len(two.Layers) != 3 || !cmp.Equal(two.Layers[1:], one.Layers) {
		t.Errorf("layers %q on %q", two.Layers, one.Layers)
	}
}

func TestUnpackAtOnce(t *testing.T) {
	img, err := random.Image(64<<10, 3)
	if err != nil {
		t.Fatal(err)
	}
	blobs, digest := store(t, img)
	cache := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := Unpack(t.Context(), blobs, digest, cache); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if entries, err := filepath.Glob(cache + "/*"); err != nil || len(entries) != 3+1 {
		t.Errorf("%d folders, %v", len(entries), err)
	}
}

func TestUnpackOfEachCompression(t *testing.T) {
	ball := tarball(t, reg("f"))
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(ball)
	z.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"plain": ball, "gzip": zipped.Bytes(), "zstd": enc.EncodeAll(ball, nil),
	} {
		out := unpack(t, imageOf(t, content, ball))
		if got := tree(t, out.Layers[0]); got != "f=f" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestUnpackOfWrongContent(t *testing.T) {
	ball := tarball(t, reg("f"))
	for name, img := range map[string]v1.Image{
		"other content than the image says": imageOf(t, ball, tarball(t, reg("g"))),
		"no tar":                            imageOf(t, []byte("junk"), []byte("junk")),
		"torn tar":                          imageOf(t, ball[:512], ball[:512]),
	} {
		blobs, digest := store(t, img)
		cache := t.TempDir()
		if out, err := Unpack(t.Context(), blobs, digest, cache); err == nil {
			t.Errorf("%s: unpacked to %q", name, tree(t, out.Layers[0]))
		}
		if left, err := filepath.Glob(cache + "/*"); err != nil || len(left) != 1 {
			t.Errorf("%s: left %q, %v", name, left, err)
		}
	}
	blobs, _ := store(t, empty.Image)
	absent := string(registry.DigestOf([]byte("absent")))
	if _, err := Unpack(t.Context(), blobs, absent, t.TempDir()); !errors.Is(err, registry.ErrBlobUnknown) {
		t.Errorf("absent image: %v, want ErrBlobUnknown", err)
	}
}

func TestUnpackOfAList(t *testing.T) {
	var adds []mutate.IndexAddendum
	images := map[string]v1.Image{}
	for _, arch := range []string{"other", runtime.GOARCH} {
		img := imageOf(t, tarball(t, reg(arch)), tarball(t, reg(arch)))
		images[arch] = img
		adds = append(adds, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}})
	}
	cache := t.TempDir()
	blobs, _ := store(t, images[runtime.GOARCH])
	list, err := mutate.AppendManifests(empty.Index, adds...).RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	digest := registry.DigestOf(list)
	if _, err := blobs.Put(digest, bytes.NewReader(list)); err != nil {
		t.Fatal(err)
	}
	out, err := Unpack(t.Context(), blobs, string(digest), cache)
	if err != nil {
		t.Fatal(err)
	}
	if got := tree(t, out.Layers[0]); got != runtime.GOARCH+"="+runtime.GOARCH {
		t.Errorf("layer %q", got)
	}
	foreign, _ := mutate.AppendManifests(empty.Index, adds[0]).RawManifest()
	digest = registry.DigestOf(foreign)
	blobs.Put(digest, bytes.NewReader(foreign))
	if _, err := Unpack(t.Context(), blobs, string(digest), cache); err == nil {
		t.Error("an image for another machine was unpacked")
	}
}

// A cancelled unpacking leaves nothing, and the next one is whole.
func TestUnpackCancelled(t *testing.T) {
	img, err := random.Image(4<<20, 1)
	if err != nil {
		t.Fatal(err)
	}
	blobs, digest := store(t, img)
	cache := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Unpack(ctx, blobs, digest, cache); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
	if left, err := filepath.Glob(cache + "/*"); err != nil || len(left) != 1 {
		t.Errorf("left %q, %v", left, err)
	}
	if _, err := Unpack(t.Context(), blobs, digest, cache); err != nil {
		t.Error(err)
	}
}

// imageOf makes an image of one layer with the given blob, whose configuration
// says that it holds plain.
func imageOf(t testing.TB, blob, plain []byte) v1.Image {
	t.Helper()
	img, err := mutate.AppendLayers(empty.Image, static.NewLayer(blob, types.OCILayer))
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	if config.RootFS.DiffIDs[0], _, err = v1.SHA256(bytes.NewReader(plain)); err != nil {
		t.Fatal(err)
	}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

func TestClean(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "layers")
	for _, step := range []struct{ make, boot, want string }{
		{"", "", "boot"},
		{"tmp-1/layer", "", "boot"},
		{"layer", "", "boot layer"},
		{"", "another boot", "boot"},
	} {
		if err := os.MkdirAll(filepath.Join(cache, step.make), 0o700); err != nil {
			t.Fatal(err)
		}
		if step.boot != "" {
			os.WriteFile(filepath.Join(cache, "boot"), []byte(step.boot), 0o600)
		}
		if err := clean(cache); err != nil {
			t.Fatal(err)
		}
		entries, _ := os.ReadDir(cache)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != step.want {
			t.Errorf("after %+v: %q", step, got)
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(tarball(f, dir("a"), reg("a/f"), sym("l", "/etc"), reg("l/f")))
	f.Add(tarball(f, reg("a/.wh.x"), reg(".wh..wh..opq"), hard("h", "a")))
	f.Add(tarball(f, sym("a", ".."), reg("a/../../x")))
	f.Fuzz(func(t *testing.T, ball []byte) {
		outside := t.TempDir()
		root := filepath.Join(outside, "root")
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		extract(bytes.NewReader(ball), root)
		if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
			t.Fatalf("outside: %v, %v", entries, err)
		}
	})
}
