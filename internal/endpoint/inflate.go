package endpoint

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"

	"apex/internal/api"
)

// inflated returns a body without its gzip: SDKs compress what is large, such as
// PutMetricData. What is not gzip is left as it is.
func inflated(encoding string, body []byte) ([]byte, error) {
	if encoding != "gzip" {
		return body, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body, api.Invalid("MalformedInput", "the body is not gzip")
	}
	plain, err := io.ReadAll(io.LimitReader(r, MaxBody+1))
	switch {
	case err != nil:
		return body, api.Invalid("MalformedInput", "the body is not gzip")
	case len(plain) > MaxBody:
		return body, api.Errorf("RequestEntityTooLarge", http.StatusRequestEntityTooLarge, "the request holds more than %d bytes", MaxBody)
	}
	return plain, nil
}
