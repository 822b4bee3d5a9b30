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

// BenchmarkBuildGo builds a program that has not changed: without a cache of
// executables it is linked each time.
func BenchmarkBuildGo(b *testing.B) {
	for name, cache := range map[string]string{"linked": "", "cached": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			o := BuildOptions{Dir: program(b), Cache: cache}
			build(b, o)
			for b.Loop() {
				build(b, o)
			}
		})
	}
}
