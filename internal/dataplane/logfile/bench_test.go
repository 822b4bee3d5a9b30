package logfile

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

var sizes = []int{100, 1000, 10_000}

func BenchmarkAppend(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			w, err := OpenWriter(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer w.Close()
			message := bytes.Repeat([]byte("x"), size)
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := w.Append(epoch, message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPlainWrite is what BenchmarkAppend cannot beat.
func BenchmarkPlainWrite(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			file, err := os.Create(b.TempDir() + "/log")
			if err != nil {
				b.Fatal(err)
			}
			defer file.Close()
			message := bytes.Repeat([]byte("x"), size)
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := file.Write(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, backward := range []bool{false, true} {
		b.Run(fmt.Sprintf("backward=%v", backward), func(b *testing.B) {
			dir := b.TempDir()
			w, err := OpenWriter(dir)
			if err != nil {
				b.Fatal(err)
			}
			defer w.Close()
			message := bytes.Repeat([]byte("x"), 200)
			for range 100_000 {
				w.Append(epoch, message)
			}
			b.SetBytes(100_000 * 200)
			for b.Loop() {
				for _, err := range Events(dir, Query{Backward: backward}) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
