package s3

import (
	"cmp"
	"errors"
	"io"
	"net/http"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
)

// maxBody is the largest body of an object or a part, in bytes (S3 user guide,
// Multipart upload limits).
const maxBody = 5 << 30

// receive puts the request's body on disk, checked against the checksums that
// came with it. It returns one checksum: of the algorithm claimed, or else of the
// one wanted, or else of the default.
func (q *request) receive(wanted algorithm) (*objects.Staged, map[string]string, error) {
	switch {
	case q.ContentLength < 0:
		return nil, nil, api.Errorf("MissingContentLength", http.StatusLengthRequired, "You must provide the Content-Length HTTP header.")
	case q.ContentLength > maxBody:
		return nil, nil, api.Invalid("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size")
	}
	a := cmp.Or(claimedAlgorithm(q.Header), wanted, defaultAlgorithm)
	sum := a.hash()
	staged, err := q.objects.Stage(q.Body, sum)
	if err != nil {
		return nil, nil, bodyFault(err)
	}
	err = cmp.Or(q.checkMD5(staged.MD5), q.checkSum(a, encoded(sum)))
	if err == nil && staged.Size != q.ContentLength {
		err = api.Invalid("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	if err != nil {
		staged.Discard()
		return nil, nil, err
	}
	return staged, map[string]string{string(a): encoded(sum)}, nil
}

// bodyFault words why a body could not be read.
func bodyFault(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return api.Invalid("IncompleteBody", "The request body terminated unexpectedly")
	}
	return err
}
