package sigv4_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"apex/internal/awswire/sigv4"
)

var (
	now  = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	keys = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
)

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func request(t testing.TB, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sign(t testing.TB, r *http.Request, body, service string, at time.Time, creds aws.Credentials) *http.Request {
	t.Helper()
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hashOf(body), service, "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return overTheWire(t, r)
}

// overTheWire returns the request as a server reads it.
func overTheWire(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var sent bytes.Buffer
	if err := r.Write(&sent); err != nil {
		t.Fatal(err)
	}
	seen, err := http.ReadRequest(bufio.NewReader(&sent))
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// verify reads and verifies as the endpoint does.
func verify(r *http.Request, secret string, at time.Time) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	s, err := sigv4.Parse(r, query)
	if err != nil {
		return err
	}
	return s.Verify(r, query, body, secret, at)
}

func TestVerifyAcceptsWhatTheSDKSigns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		body := rapid.String().Draw(rt, "body")
		path := "/" + rapid.StringMatching(`[a-zA-Z0-9._~ %/+é-]{0,20}`).Draw(rt, "path")
		query := url.Values{}
		for range rapid.IntRange(0, 4).Draw(rt, "parameters") {
			query.Add(rapid.StringN(1, 8, -1).Draw(rt, "name"), rapid.StringN(0, 8, -1).Draw(rt, "value"))
		}
		u := url.URL{Scheme: "http", Host: "127.0.0.1:4566", Path: path, RawQuery: query.Encode()}
		if u.Path == "//" || strings.HasPrefix(u.Path, "//") {
			rt.Skip("a client reads it as a host")
		}
		r := request(t, rapid.SampledFrom([]string{"GET", "POST", "PUT"}).Draw(rt, "method"), u.String(), body)
		r.Header.Set("X-Amz-Target", rapid.StringMatching(`[A-Za-z0-9_.  ]{0,20}`).Draw(rt, "target"))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		service := rapid.SampledFrom([]string{"ecs", "ec2", "sts"}).Draw(rt, "service")
		at := now.Add(time.Duration(rapid.IntRange(-299, 299).Draw(rt, "skew")) * time.Second)
		if err := verify(sign(t, r, body, service, at, keys), keys.SecretAccessKey, now); err != nil {
			rt.Fatalf("%s %s: %v", r.Method, u.String(), err)
		}
	})
}

func TestVerifyRefusesWhatWasChanged(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*http.Request)
		secret string
		at     time.Time
		want   error
	}{
		"nothing":             {func(*http.Request) {}, keys.SecretAccessKey, now, nil},
		"another secret":      {func(*http.Request) {}, "other", now, sigv4.ErrMismatch},
		"no secret":           {func(*http.Request) {}, "", now, sigv4.ErrMismatch},
		"old":                 {func(*http.Request) {}, keys.SecretAccessKey, now.Add(6 * time.Minute), sigv4.ErrSkewed},
		"from the future":     {func(*http.Request) {}, keys.SecretAccessKey, now.Add(-6 * time.Minute), sigv4.ErrSkewed},
		"method":              {func(r *http.Request) { r.Method = "PUT" }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"path":                {func(r *http.Request) { r.URL.Path = "/x" }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"query":               {func(r *http.Request) { r.URL.RawQuery = "a=2" }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"host":                {func(r *http.Request) { r.Host = "evil" }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"target":              {func(r *http.Request) { r.Header.Set("X-Amz-Target", "X.Delete") }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"second target":       {func(r *http.Request) { r.Header.Add("X-Amz-Target", "X.Delete") }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"unsigned AWS header": {func(r *http.Request) { r.Header.Set("X-Amz-Extra", "1") }, keys.SecretAccessKey, now, sigv4.ErrIncomplete},
		"body":                {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("other")) }, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"body, hash given": {func(r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", hashOf("other"))
		}, keys.SecretAccessKey, now, sigv4.ErrIncomplete},
		"unsigned payload": {func(r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		}, keys.SecretAccessKey, now, sigv4.ErrIncomplete},
		"other scope": {func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "us-east-1", "eu-west-1", 1))
		}, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"cut signature": {func(r *http.Request) {
			header := r.Header.Get("Authorization")
			r.Header.Set("Authorization", header[:len(header)-2])
		}, keys.SecretAccessKey, now, sigv4.ErrMismatch},
		"header not signed any more": {func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";x-amz-target", "", 1))
		}, keys.SecretAccessKey, now, sigv4.ErrIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, "POST", "http://127.0.0.1:4566/?a=1", "body")
			r.Header.Set("X-Amz-Target", "X.List")
			r = sign(t, r, "body", "ecs", now, keys)
			tt.change(r)
			if err := verify(r, tt.secret, tt.at); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// A hash that is signed but is not the body's: the signature is right and the
// body is not.
func TestVerifyHashesTheBody(t *testing.T) {
	for _, claimed := range []string{hashOf("body"), "UNSIGNED-PAYLOAD"} {
		r := request(t, "POST", "http://127.0.0.1/", "other")
		r.Header.Set("X-Amz-Content-Sha256", claimed)
		if err := v4.NewSigner().SignHTTP(context.Background(), keys, r, claimed, "ecs", "us-east-1", now); err != nil {
			t.Fatal(err)
		}
		if err := verify(overTheWire(t, r), keys.SecretAccessKey, now); !errors.Is(err, sigv4.ErrPayload) {
			t.Errorf("hash %s: %v", claimed, err)
		}
	}
}

func TestPresigned(t *testing.T) {
	presign := func(service, hash, expires string) *http.Request {
		r := request(t, "GET", "http://127.0.0.1:4566/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires="+expires, "")
		signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), keys, r, hash, service, "us-east-1", now)
		if err != nil {
			t.Fatal(err)
		}
		return overTheWire(t, request(t, "GET", signed, ""))
	}
	for name, tt := range map[string]struct {
		r    *http.Request
		at   time.Time
		want error
	}{
		"within its time":    {presign("sts", hashOf(""), "900"), now.Add(15 * time.Minute), nil},
		"unsigned payload":   {presign("s3", "UNSIGNED-PAYLOAD", "60"), now, nil},
		"expired":            {presign("sts", hashOf(""), "900"), now.Add(15*time.Minute + time.Second), sigv4.ErrExpired},
		"not yet":            {presign("sts", hashOf(""), "900"), now.Add(-6 * time.Minute), sigv4.ErrSkewed},
		"longer than a week": {presign("sts", hashOf(""), "604801"), now, sigv4.ErrIncomplete},
		"no life":            {presign("sts", hashOf(""), "soon"), now, sigv4.ErrIncomplete},
	} {
		if err := verify(tt.r, keys.SecretAccessKey, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	const good = "AWS4-HMAC-SHA256 Credential=AKID/20261124/us-east-1/ecs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00ff"
	for name, tt := range map[string]struct {
		authorization, date string
		want                error
	}{
		"good":                {good, "20261124T080000Z", nil},
		"no spaces":           {strings.ReplaceAll(good, ", ", ","), "20261124T080000Z", nil},
		"nothing":             {"", "20261124T080000Z", sigv4.ErrMissing},
		"basic":               {"Basic QTpC", "20261124T080000Z", sigv4.ErrIncomplete},
		"other algorithm":     {strings.Replace(good, "SHA256", "SHA1", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"no date":             {good, "", sigv4.ErrIncomplete},
		"other date":          {good, "20261125T080000Z", sigv4.ErrIncomplete},
		"no host":             {strings.Replace(good, "host;", "", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"unsorted":            {strings.Replace(good, "host;x-amz-date", "x-amz-date;host", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"signature not hex":   {strings.Replace(good, "00ff", "zz", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"signature empty":     {strings.Replace(good, "00ff", "", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"scope cut":           {strings.Replace(good, "/aws4_request", "", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"no key":              {strings.Replace(good, "AKID", "", 1), "20261124T080000Z", sigv4.ErrIncomplete},
		"scheme and no parts": {"AWS4-HMAC-SHA256", "20261124T080000Z", sigv4.ErrIncomplete},
	} {
		r := request(t, "POST", "http://127.0.0.1/", "")
		if tt.authorization != "" {
			r.Header.Set("Authorization", tt.authorization)
		}
		r.Header.Set("X-Amz-Date", tt.date)
		if _, err := sigv4.Parse(r, nil); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func TestSessionToken(t *testing.T) {
	creds := keys
	creds.SessionToken = "FwoGZXIvYXdzEXAMPLE"
	r := sign(t, request(t, "POST", "http://127.0.0.1/", ""), "", "sts", now, creds)
	s, err := sigv4.Parse(r, nil)
	if err != nil || s.Token != creds.SessionToken {
		t.Fatalf("token %+v, %v", s, err)
	}
	if err := verify(r, creds.SecretAccessKey, now); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=A/20261124/r/s/aws4_request,SignedHeaders=host,Signature=00", "X-Amz-Signature=1&X-Amz-Expires=9")
	f.Add("AWS4-HMAC-SHA256 ,,==,Credential=////,SignedHeaders=;;", "X-Amz-Credential=/")
	f.Fuzz(func(t *testing.T, authorization, rawQuery string) {
		query, _ := url.ParseQuery(rawQuery)
		r := &http.Request{Method: "GET", URL: &url.URL{RawQuery: rawQuery}, Header: http.Header{}, Host: "h"}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		r.Header.Set("X-Amz-Date", "20261124T080000Z")
		s, err := sigv4.Parse(r, query)
		if err != nil {
			return
		}
		if err := s.Verify(r, query, nil, "secret", now); err == nil {
			t.Error("a made-up signature passes")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	const body = `{"cluster":"apexai"}`
	r := request(b, "POST", "http://127.0.0.1:4566/", body)
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListTasks")
	r = sign(b, r, body, "ecs", now, keys)
	b.ReportAllocs()
	for b.Loop() {
		s, err := sigv4.Parse(r, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Verify(r, nil, []byte(body), keys.SecretAccessKey, now); err != nil {
			b.Fatal(err)
		}
	}
}
