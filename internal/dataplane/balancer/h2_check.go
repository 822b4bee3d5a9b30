package balancer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
)

// checkAgent is how health checks name themselves.
const checkAgent = "ELB-HealthChecker/2.0"

// maxCheckBody is how much of an answer to a gRPC check is read.
const maxCheckBody = 64 << 10

// askH2Status asks a target that speaks HTTP/2: for its status by GET, or, if it
// speaks gRPC, for the status of a call of the method that the path names.
func askH2Status(ctx context.Context, over stream, target netip.AddrPort, check Check) (int, error) {
	cc, err := h2Framing.NewClientConn(over)
	if err != nil {
		return 0, err
	}
	defer cc.Close()
	method, message := http.MethodGet, []byte(nil)
	if check.Speech.Version == GRPC {
		method, message = http.MethodPost, make([]byte, 5) // a message without content
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+target.String()+check.Path, bytes.NewReader(message))
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", checkAgent)
	if check.Speech.Version == GRPC {
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Te", "trailers")
	}
	resp, err := cc.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if check.Speech.Version == HTTP2 {
		return resp.StatusCode, nil
	}
	return grpcStatus(resp)
}

// grpcStatus reads the status of a call from the trailers, or from the head of
// an answer that has nothing else.
func grpcStatus(resp *http.Response) (int, error) {
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxCheckBody)); err != nil {
		return 0, err
	}
	for _, fields := range []http.Header{resp.Trailer, resp.Header} {
		if code := fields.Get("Grpc-Status"); code != "" {
			return strconv.Atoi(code)
		}
	}
	return 0, errors.New("health check: the answer is not gRPC")
}
