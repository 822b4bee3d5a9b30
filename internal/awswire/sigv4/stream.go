package sigv4

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The forms of a body whose hash is not in the headers (S3's
// x-amz-content-sha256).
const (
	signedChunks        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedChunksTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	plainChunksTrailer  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// The limits of a chunked body's framing: the longest line, in bytes, and the
// most trailers.
const (
	maxLine     = 8 << 10
	maxTrailers = 32
)

// VerifyHead verifies a request by its headers alone, as S3's are, and puts in
// place of its body one that is verified while it is read: its end comes only
// after all of it was found to be what was signed. Trailers are in r.Trailer
// then, by canonical names.
func (s *Signature) VerifyHead(r *http.Request, query url.Values, secret string, now time.Time) error {
	if err := s.checkTime(now); err != nil {
		return err
	}
	if err := s.checkHeaders(r.Header); err != nil {
		return err
	}
	form := r.Header.Get("X-Amz-Content-Sha256")
	if form == "" && s.Presigned {
		form = orElse(query.Get("X-Amz-Content-Sha256"), unsignedPayload)
	}
	if form == "" {
		return incomplete("the request has no x-amz-content-sha256")
	}
	key := s.signingKey(secret)
	toSign := s.stringToSign(s.canonicalRequest(r, query, form))
	if !hmac.Equal(s.value, mac(key, toSign)) {
		return ErrMismatch
	}
	return s.wrapBody(r, form, key)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// wrapBody puts the body in place that verifies itself.
func (s *Signature) wrapBody(r *http.Request, form string, key []byte) error {
	switch form {
	case unsignedPayload:
		return nil
	case signedChunks, signedChunksTrailer, plainChunksTrailer:
		length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil || length < 0 {
			return incomplete("x-amz-decoded-content-length is no number of bytes")
		}
		c := &chunks{
			body: r.Body, in: bufio.NewReaderSize(r.Body, maxLine), request: r, signature: s,
			left: length, trailers: form != signedChunks,
		}
		if form != plainChunksTrailer {
			c.key, c.previous = key, hex.EncodeToString(s.value)
		}
		r.Body, r.ContentLength = c, length
		return nil
	}
	want, err := hex.DecodeString(form)
	if err != nil || len(want) != sha256.Size {
		return incomplete("x-amz-content-sha256 %q is not known", form)
	}
	r.Body = &hashed{ReadCloser: r.Body, sum: sha256.New(), want: want}
	return nil
}

// hashed is a body whose hash is known beforehand.
type hashed struct {
	io.ReadCloser
	sum  hash.Hash
	want []byte
}

// Read gives the end of the body only if its hash is the signed one.
func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && !hmac.Equal(h.sum.Sum(nil), h.want) {
		return n, ErrPayload
	}
	return n, err
}

// chunks is a body in chunks, each with a signature that builds upon the one
// before. Without a key the chunks are not signed.
type chunks struct {
	body      io.Closer
	in        *bufio.Reader
	request   *http.Request
	signature *Signature
	key       []byte
	previous  string // signature before the next one
	trailers  bool

	left  int64 // of the whole decoded body
	size  int64 // left of this chunk
	sum   hash.Hash
	claim string // this chunk's signature
	err   error  // how reading ended
}

// Close closes the body of the request.
func (c *chunks) Close() error { return c.body.Close() }

// Read gives decoded content.
func (c *chunks) Read(p []byte) (int, error) {
	if c.size == 0 && c.err == nil {
		c.err = c.begin()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.size)])
	c.size -= int64(n)
	if c.sum != nil {
		c.sum.Write(p[:n])
	}
	switch {
	case err != nil:
		c.err = io.ErrUnexpectedEOF
	case c.size == 0:
		c.err = c.end()
	}
	return n, c.err
}

// begin reads the head of a chunk; after the last one it answers io.EOF.
func (c *chunks) begin() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	digits, extension, _ := strings.Cut(line, ";")
	size, err := strconv.ParseInt(digits, 16, 64)
	if err != nil || size < 0 || size > c.left {
		return fmt.Errorf("%w: a chunk of %q bytes where %d are left", ErrPayload, digits, c.left)
	}
	c.size, c.left = size, c.left-size
	if c.key != nil {
		c.sum = sha256.New()
		c.claim = strings.TrimPrefix(extension, "chunk-signature=")
	}
	if size > 0 {
		return nil
	}
	return c.finish()
}

// end checks a chunk that was read.
func (c *chunks) end() error {
	if line, err := c.line(); err != nil || line != "" {
		return fmt.Errorf("%w: a chunk is longer than it says", ErrPayload)
	}
	return c.check("-PAYLOAD", hashOf("")+"\n", c.sum, c.claim)
}

// finish checks the last chunk, which is empty, and what follows it.
func (c *chunks) finish() error {
	if c.left > 0 {
		return fmt.Errorf("%w: %d bytes are missing", ErrPayload, c.left)
	}
	if err := c.check("-PAYLOAD", hashOf("")+"\n", c.sum, c.claim); err != nil {
		return err
	}
	return c.readTrailers()
}

// readTrailers reads what follows the last chunk, up to an empty line.
func (c *chunks) readTrailers() error {
	sum, claim := sha256.New(), ""
	c.request.Trailer = http.Header{}
	for range maxTrailers {
		line, err := c.line()
		switch {
		case err != nil:
			return err
		case line == "" && !c.trailers:
			return io.EOF
		case line == "":
			if err := c.check("-TRAILER", "", sum, claim); err != nil {
				return err
			}
			return io.EOF
		}
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "x-amz-trailer-signature" {
			claim = value
			continue
		}
		c.request.Trailer.Set(name, value)
		fmt.Fprintf(sum, "%s:%s\n", name, value)
	}
	return fmt.Errorf("%w: more than %d trailers", ErrPayload, maxTrailers)
}

// check makes a signature over what was read and compares.
func (c *chunks) check(kind, middle string, sum hash.Hash, claim string) error {
	if c.key == nil {
		return nil
	}
	toSign := algorithm + kind + "\n" + c.signature.Time.Format(timeLayout) + "\n" + c.signature.scope() + "\n" +
		c.previous + "\n" + middle + hex.EncodeToString(sum.Sum(nil))
	made := hex.EncodeToString(mac(c.key, toSign))
	if !hmac.Equal([]byte(made), []byte(claim)) {
		return ErrMismatch
	}
	c.previous = made
	return nil
}

// line reads a line of the framing; the body may not end within it.
func (c *chunks) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("%w: a line of the framing is too long", ErrPayload)
	case err != nil:
		return "", io.ErrUnexpectedEOF
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
