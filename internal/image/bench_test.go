package image

import (
	"testing"
)

// BenchmarkUnpack unpacks a built program into an empty cache.
func BenchmarkUnpack(b *testing.B) {
	blobs, digest := store(b, build(b, BuildOptions{Dir: program(b)}))
	for b.Loop() {
		if _, err := Unpack(b.Context(), blobs, digest, b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnpackCached is what every further task of the image costs.
func BenchmarkUnpackCached(b *testing.B) {
	blobs, digest := store(b, build(b, BuildOptions{Dir: program(b)}))
	cache := b.TempDir()
	for b.Loop() {
		if _, err := Unpack(b.Context(), blobs, digest, cache); err != nil {
			b.Fatal(err)
		}
	}
}
