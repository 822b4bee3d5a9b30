package sigv4_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"apex/internal/awswire/sigv4"
)

const (
	chunked        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	chunkedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	plainTrailer   = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

func hmacOf(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// frame writes a body in chunks as a client does; the signatures are made from
// the formula of AWS's documentation ("Signature calculations: transferring
// payload in multiple chunks").
func frame(seed, body string, size int, signed, trailers bool) string {
	key := []byte("AWS4" + keys.SecretAccessKey)
	for _, part := range []string{now.Format("20060102"), "us-east-1", "s3", "aws4_request"} {
		key = hmacOf(key, part)
	}
	scope := now.Format("20060102T150405Z") + "\n" + now.Format("20060102") + "/us-east-1/s3/aws4_request\n"
	previous := seed
	sign := func(kind, middle, text string) string {
		previous = hex.EncodeToString(hmacOf(key, "AWS4-HMAC-SHA256-"+kind+"\n"+scope+previous+"\n"+middle+hashOf(text)))
		return previous
	}
	var b strings.Builder
	for {
		n := min(size, len(body))
		piece := body[:n]
		body = body[n:]
		b.WriteString(strconv.FormatInt(int64(n), 16))
		if signed {
			b.WriteString(";chunk-signature=" + sign("PAYLOAD", hashOf("")+"\n", piece))
		}
		b.WriteString("\r\n")
		if n == 0 {
			break
		}
		b.WriteString(piece + "\r\n")
	}
	if trailers {
		b.WriteString("x-amz-checksum-crc32:AAAAAA==\r\n")
		if signed {
			b.WriteString("x-amz-trailer-signature:" + sign("TRAILER", "", "x-amz-checksum-crc32:AAAAAA==\n") + "\r\n")
		}
	}
	return b.String() + "\r\n"
}

// streamed returns a signed upload as a server reads it; change may spoil what
// is sent after the headers.
func streamed(t *testing.T, form, body string, change func(string) string) *http.Request {
	t.Helper()
	r := request(t, "PUT", "http://127.0.0.1:4566/bucket/a%20b", "")
	r.Header.Set("X-Amz-Content-Sha256", form)
	r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(len(body)))
	if err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).
		SignHTTP(context.Background(), keys, r, form, "s3", "us-east-1", now); err != nil {
		t.Fatal(err)
	}
	_, seed, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	sent := frame(seed, body, 5, form != plainTrailer, form != chunked)
	if change != nil {
		sent = change(sent)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sent)), int64(len(sent))
	return overTheWire(t, r)
}

// receive verifies a request and reads its body.
func receive(r *http.Request, at time.Time) (string, error) {
	s, err := sigv4.Parse(r, r.URL.Query())
	if err != nil {
		return "", err
	}
	if err := s.VerifyHead(r, r.URL.Query(), keys.SecretAccessKey, at); err != nil {
		return "", err
	}
	var got bytes.Buffer
	_, err = io.Copy(&got, r.Body)
	return got.String(), err
}

func TestChunkedBodyIsDecodedAndVerified(t *testing.T) {
	for _, form := range []string{chunked, chunkedTrailer, plainTrailer} {
		for _, body := range []string{"", "tiny", "exact", "rather more than two chunks"} {
			r := streamed(t, form, body, nil)
			got, err := receive(r, now)
			if err != nil || got != body {
				t.Errorf("%s: %q came as %q, %v", form, body, got, err)
			}
			if want := form != chunked; (r.Trailer.Get("X-Amz-Checksum-Crc32") == "AAAAAA==") != want {
				t.Errorf("%s: trailers %v", form, r.Trailer)
			}
		}
	}
}

func TestSpoiltChunksAreRefused(t *testing.T) {
	replace := func(old, with string) func(string) string {
		return func(sent string) string { return strings.Replace(sent, old, with, 1) }
	}
	const body = "hello brave world"
	for name, tt := range map[string]struct {
		form   string
		change func(string) string
		want   error
	}{
		"another content":      {chunked, replace(" brav", " brov"), sigv4.ErrMismatch},
		"a chunk left out":     {chunked, func(s string) string { return s[strings.Index(s, "hello")+7:] }, sigv4.ErrMismatch},
		"cut":                  {chunked, func(s string) string { return s[:len(s)/2] }, io.ErrUnexpectedEOF},
		"cut at a chunk":       {chunked, func(s string) string { return s[:strings.Index(s, "hello")+7] }, io.ErrUnexpectedEOF},
		"no signatures":        {chunked, func(string) string { return "11\r\n" + body + "\r\n0\r\n\r\n" }, sigv4.ErrMismatch},
		"longer than said":     {plainTrailer, func(string) string { return "ff\r\n" }, sigv4.ErrPayload},
		"shorter than said":    {plainTrailer, func(string) string { return "0\r\n\r\n" }, sigv4.ErrPayload},
		"another trailer":      {chunkedTrailer, replace("AAAAAA==", "BBBBBB=="), sigv4.ErrMismatch},
		"no trailer signature": {chunkedTrailer, replace("x-amz-trailer-signature", "x-amz-other"), sigv4.ErrMismatch},
		"no number":            {plainTrailer, func(string) string { return "zz\r\n" }, sigv4.ErrPayload},
		"endless line":         {plainTrailer, func(string) string { return strings.Repeat("1", 1<<20) }, sigv4.ErrPayload},
		"endless trailers": {plainTrailer, func(s string) string {
			return strings.TrimSuffix(s, "\r\n") + strings.Repeat("a:b\r\n", 1000)
		}, sigv4.ErrPayload},
	} {
		if _, err := receive(streamed(t, tt.form, body, tt.change), now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestBodyOfAKnownHash(t *testing.T) {
	put := func(hash, body string) *http.Request {
		r := request(t, "PUT", "http://127.0.0.1/b/k", body)
		r.Header.Set("X-Amz-Content-Sha256", hash)
		if err := v4.NewSigner().SignHTTP(context.Background(), keys, r, hash, "s3", "us-east-1", now); err != nil {
			t.Fatal(err)
		}
		return overTheWire(t, r)
	}
	for name, tt := range map[string]struct {
		r    *http.Request
		at   time.Time
		want error
	}{
		"right":           {put(hashOf("body"), "body"), now, nil},
		"wrong":           {put(hashOf("body"), "other"), now, sigv4.ErrPayload},
		"cut":             {put(hashOf("body"), ""), now, sigv4.ErrPayload},
		"unsigned":        {put("UNSIGNED-PAYLOAD", "any"), now, nil},
		"unknown form":    {put("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "x"), now, sigv4.ErrIncomplete},
		"late":            {put(hashOf("body"), "body"), now.Add(time.Hour), sigv4.ErrSkewed},
		"chunks, no size": {put(chunked, "0\r\n\r\n"), now, sigv4.ErrIncomplete},
	} {
		if _, err := receive(tt.r, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
