package registry

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

func openBlobs(t testing.TB) *Blobs {
	t.Helper()
	b, err := OpenBlobs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t testing.TB, b *Blobs, content string) Digest {
	t.Helper()
	d := DigestOf([]byte(content))
	if _, err := b.Put(d, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return d
}

// uploads counts the uploads that are on disk.
func uploads(t testing.TB, b *Blobs) int {
	t.Helper()
	entries, err := os.ReadDir(b.dir + "/uploads")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestPutAndRead(t *testing.T) {
	b := openBlobs(t)
	d := put(t, b, "hello")
	put(t, b, "hello")
	if got, err := b.Read(d); err != nil || string(got) != "hello" {
		t.Errorf("read %q, %v", got, err)
	}
	if n, err := b.Size(d); err != nil || n != 5 {
		t.Errorf("size %d, %v", n, err)
	}
	if uploads(t, b) != 0 {
		t.Error("an upload is left")
	}
}

func TestPutOfWrongContent(t *testing.T) {
	b := openBlobs(t)
	d := DigestOf([]byte("right"))
	if _, err := b.Put(d, strings.NewReader("wrong")); !errors.Is(err, ErrDigestInvalid) {
		t.Errorf("error %v, want ErrDigestInvalid", err)
	}
	broken := io.MultiReader(strings.NewReader("rig"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := b.Put(d, broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want the reader's", err)
	}
	if _, err := b.Open(d); !errors.Is(err, ErrBlobUnknown) {
		t.Errorf("error %v, want ErrBlobUnknown", err)
	}
	if uploads(t, b) != 0 {
		t.Error("an upload is left")
	}
}

func TestReadFindsDecay(t *testing.T) {
	b := openBlobs(t)
	d := put(t, b, "hello")
	os.Chmod(b.path(d), 0o600)
	if err := os.WriteFile(b.path(d), []byte("hellO"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Read(d); err == nil {
		t.Errorf("read %q", got)
	}
}

func TestUploadByChunks(t *testing.T) {
	b := openBlobs(t)
	id, err := b.StartUpload()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		offset int64
		chunk  io.Reader
		size   int64
		err    error
	}{
		{0, strings.NewReader("one"), 3, nil},
		{0, strings.NewReader("one"), 3, ErrRange},
		{9, strings.NewReader("far"), 3, ErrRange},
		{3, io.MultiReader(strings.NewReader("tw"), iotest.ErrReader(io.ErrClosedPipe)), 3, io.ErrClosedPipe},
		{3, strings.NewReader("two"), 6, nil},
		{AtEnd, strings.NewReader("three"), 11, nil},
	} {
		size, err := b.ExtendUpload(id, step.offset, step.chunk)
		if size != step.size || !errors.Is(err, step.err) {
			t.Fatalf("chunk at %d: size %d, %v; want %d, %v", step.offset, size, err, step.size, step.err)
		}
	}
	if _, err := b.FinishUpload(id, DigestOf([]byte("onetwothree"))); err != nil {
		t.Error(err)
	}
	if _, err := b.UploadSize(id); !errors.Is(err, ErrUploadUnknown) {
		t.Errorf("finished upload: %v, want ErrUploadUnknown", err)
	}
}

func TestUploadsOfStrangeNames(t *testing.T) {
	b := openBlobs(t)
	for _, id := range []string{"", ".", "..", "../blobs", strings.Repeat("a", uploadID), strings.Repeat("/", uploadID)} {
		if _, err := b.UploadSize(id); !errors.Is(err, ErrUploadUnknown) {
			t.Errorf("upload %q: %v, want ErrUploadUnknown", id, err)
		}
	}
	for _, d := range []Digest{"", "sha256:", "sha256:../../x", "md5:00", Digest("sha256:" + strings.Repeat("A", 64))} {
		if _, err := b.Open(d); !errors.Is(err, ErrDigestInvalid) {
			t.Errorf("blob %q: %v, want ErrDigestInvalid", d, err)
		}
	}
}

func TestPutAtOnce(t *testing.T) {
	b := openBlobs(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { put(t, b, "same") })
	}
	all.Wait()
	if got, err := b.Read(DigestOf([]byte("same"))); err != nil || string(got) != "same" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestSweep(t *testing.T) {
	b := openBlobs(t)
	wanted, unwanted := put(t, b, "wanted"), put(t, b, "unwanted")
	if _, err := b.StartUpload(); err != nil {
		t.Fatal(err)
	}
	keep := func(d Digest) bool { return d == wanted }
	if n, err := b.Sweep(time.Now().Add(-time.Hour), keep); err != nil || n != 0 {
		t.Errorf("young content: swept %d, %v", n, err)
	}
	if n, err := b.Sweep(time.Now().Add(time.Hour), keep); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := b.Size(wanted); err != nil {
		t.Error("wanted:", err)
	}
	if _, err := b.Size(unwanted); !errors.Is(err, ErrBlobUnknown) {
		t.Errorf("unwanted: %v", err)
	}
	if uploads(t, b) != 0 {
		t.Error("an upload is left")
	}
}
