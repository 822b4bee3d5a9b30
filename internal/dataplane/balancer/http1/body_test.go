package http1

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// readBody reads a whole body; pieces come without waiting where they can.
func readBody(b *Body) ([]byte, error) {
	var all []byte
	for {
		p, err := b.Next(false)
		if errors.Is(err, ErrShort) {
			p, err = b.Next(true)
		}
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, p...)
	}
}

func TestChunksComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 1, 9000)).Draw(t, "pieces")
		var wire, want []byte
		for _, p := range pieces {
			wire, want = AppendChunk(wire, p), append(want, p...)
		}
		wire = AppendEnd(wire, []Field{{Name: []byte("X-Sum"), Value: []byte("7")}})
		wire = append(wire, "NEXT"...)
		var src io.Reader = bytes.NewReader(wire)
		if rapid.Bool().Draw(t, "byte by byte") {
			src = iotest.OneByteReader(src)
		}
		rd := NewReader(src)
		var b Body
		b.Reset(rd, Chunked, 0)
		got, err := readBody(&b)
		if err != nil || !bytes.Equal(got, want) || !b.Done() {
			t.Fatalf("%d of %d bytes: %v", len(got), len(want), err)
		}
		if tr := b.Trailers(); len(tr) != 1 || string(tr[0].Value) != "7" {
			t.Fatalf("trailers %v", tr)
		}
		rest, _ := io.ReadAll(io.MultiReader(bytes.NewReader(bytes.Clone(rd.Peek())), src))
		if string(rest) != "NEXT" {
			t.Fatalf("after the body: %q", rest)
		}
	})
}

func TestLengthEndsWhereItSays(t *testing.T) {
	rd := NewReader(bytes.NewReader([]byte("helloNEXT")))
	var b Body
	b.Reset(rd, Length, 5)
	if got, err := readBody(&b); err != nil || string(got) != "hello" || string(rd.Peek()) != "NEXT" {
		t.Errorf("%q %v, then %q", got, err, rd.Peek())
	}
	b.Reset(NewReader(bytes.NewReader([]byte("hel"))), Length, 5)
	if _, err := readBody(&b); err != io.ErrUnexpectedEOF {
		t.Errorf("a short body: %v", err)
	}
}

// FuzzChunks: whatever is accepted, net/http reads alike.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\n\r\n"))
	f.Add([]byte("5\r\nhello\r\n0\r\nX: y\r\n\r\nrest"))
	f.Add([]byte("a;x\r\n0123456789\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Body
		b.Reset(NewReader(bytes.NewReader(data)), Chunked, 0)
		got, err := readBody(&b)
		if err != nil {
			return
		}
		want, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(data)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q, net/http %q %v", got, want, err)
		}
	})
}

func TestHeadAcrossReads(t *testing.T) {
	const head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	rd := NewReader(iotest.OneByteReader(bytes.NewReader([]byte("\r\n" + head + head + "G"))))
	for range 2 {
		if got, err := rd.Head(MaxRequestHead); err != nil || string(got) != head {
			t.Fatalf("%q %v", got, err)
		}
	}
	if _, err := rd.Head(MaxRequestHead); err != io.ErrUnexpectedEOF {
		t.Errorf("half a head: %v", err)
	}
	if _, err := NewReader(bytes.NewReader(nil)).Head(MaxRequestHead); err != io.EOF {
		t.Errorf("nothing: %v", err)
	}
}
