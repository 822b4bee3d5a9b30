package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const unsignedPayload = "UNSIGNED-PAYLOAD"

// Verify makes the signature again with secret and compares. It answers
// ErrSkewed, ErrExpired, ErrIncomplete, ErrPayload or ErrMismatch.
func (s *Signature) Verify(r *http.Request, query url.Values, body []byte, secret string, now time.Time) error {
	if err := s.checkTime(now); err != nil {
		return err
	}
	if err := s.checkHeaders(r.Header); err != nil {
		return err
	}
	payload, err := s.payloadHash(r, query, body)
	if err != nil {
		return err
	}
	toSign := s.stringToSign(s.canonicalRequest(r, query, payload))
	if !hmac.Equal(s.value, mac(s.signingKey(secret), toSign)) {
		return ErrMismatch
	}
	return nil
}

func (s *Signature) checkTime(now time.Time) error {
	switch age := now.Sub(s.Time); {
	case age < -MaxSkew:
		return fmt.Errorf("%w: signed at %s, now is %s", ErrSkewed, s.Time.Format(timeLayout), now.UTC().Format(timeLayout))
	case s.Presigned && age > s.expires:
		return ErrExpired
	case !s.Presigned && age > MaxSkew:
		return fmt.Errorf("%w: signed at %s, now is %s", ErrSkewed, s.Time.Format(timeLayout), now.UTC().Format(timeLayout))
	}
	return nil
}

// checkHeaders demands that every header with a meaning to AWS is signed: else a
// man in the middle could change what is asked.
func (s *Signature) checkHeaders(header http.Header) error {
	for name := range header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(s.signedHeaders, name) {
			return incomplete("the header %s is not signed", name)
		}
	}
	return nil
}

// payloadHash returns the hash that the canonical request ends with, once it is
// known to be the body's. Only S3 and presigned URLs may leave the body unsigned.
func (s *Signature) payloadHash(r *http.Request, query url.Values, body []byte) (string, error) {
	claimed := r.Header.Get("X-Amz-Content-Sha256")
	if claimed == "" {
		claimed = query.Get("X-Amz-Content-Sha256")
	}
	mayBeUnsigned := s.Presigned || s.Service == "s3"
	switch {
	case claimed == unsignedPayload && mayBeUnsigned:
		return unsignedPayload, nil
	case claimed == "" && s.Presigned && s.Service == "s3":
		return unsignedPayload, nil
	}
	actual := sha256.Sum256(body)
	hash := hex.EncodeToString(actual[:])
	if claimed != "" && claimed != hash {
		return "", ErrPayload
	}
	return hash, nil
}

func (s *Signature) scope() string {
	return s.Time.Format(dateLayout) + "/" + s.Region + "/" + s.Service + "/aws4_request"
}

func (s *Signature) stringToSign(canonical string) string {
	hash := sha256.Sum256([]byte(canonical))
	return algorithm + "\n" + s.Time.Format(timeLayout) + "\n" + s.scope() + "\n" + hex.EncodeToString(hash[:])
}

// A keyFor is what a signing key is derived from.
type keyFor struct{ secret, date, region, service string }

// maxKeys bounds how many signing keys are remembered.
const maxKeys = 1024

// signingKeys are the keys derived of late: a key lasts a day, and four hashes
// for each call are dear. They live in memory alone, as the secrets themselves
// do once they are unsealed.
var signingKeys = struct {
	sync.RWMutex
	known map[keyFor][]byte
}{known: map[keyFor][]byte{}}

func (s *Signature) signingKey(secret string) []byte {
	of := keyFor{secret, s.Time.Format(dateLayout), s.Region, s.Service}
	signingKeys.RLock()
	key := signingKeys.known[of]
	signingKeys.RUnlock()
	if key != nil {
		return key
	}
	key = of.derive()
	signingKeys.Lock()
	defer signingKeys.Unlock()
	if len(signingKeys.known) >= maxKeys {
		clear(signingKeys.known)
	}
	signingKeys.known[of] = key
	return key
}

func (k keyFor) derive() []byte {
	key := []byte("AWS4" + k.secret)
	for _, part := range []string{k.date, k.region, k.service, "aws4_request"} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}
