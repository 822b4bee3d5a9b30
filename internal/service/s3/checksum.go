package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"

	"apex/internal/api"
)

// An algorithm is a checksum that S3 knows, by its name on the wire.
type algorithm string

// The algorithms (S3 API, ChecksumAlgorithm).
const (
	crc32IEEE algorithm = "CRC32"
	crc32C    algorithm = "CRC32C"
	crc64NVME algorithm = "CRC64NVME"
	sha1Sum   algorithm = "SHA1"
	sha256Sum algorithm = "SHA256"
)

// defaultAlgorithm is what S3 takes for an object that came with no checksum.
const defaultAlgorithm = crc64NVME

var algorithms = []algorithm{crc32IEEE, crc32C, crc64NVME, sha1Sum, sha256Sum}

// The kinds of checksum of an object that came in parts: of its content, or of
// its parts' checksums.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	// nvme is the table of CRC-64/NVME (reversed polynomial).
	nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)
)

// header is the name of the header, or trailer, that holds the checksum.
func (a algorithm) header() string {
	return http.CanonicalHeaderKey("X-Amz-Checksum-" + string(a))
}

// hash returns a new hash; nil for an unknown algorithm.
func (a algorithm) hash() hash.Hash {
	switch a {
	case crc32IEEE:
		return crc32.NewIEEE()
	case crc32C:
		return crc32.New(castagnoli)
	case crc64NVME:
		return crc64.New(nvme)
	case sha1Sum:
		return sha1.New()
	case sha256Sum:
		return sha256.New()
	}
	return nil
}

func encoded(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }

// claimedAlgorithm is the algorithm that a request has a checksum of: in a
// header, or to come in a trailer. Empty if there is none.
func claimedAlgorithm(h http.Header) algorithm {
	trailer := strings.ToUpper(h.Get("X-Amz-Trailer"))
	for _, a := range algorithms {
		if h.Get(a.header()) != "" || trailer == strings.ToUpper(a.header()) {
			return a
		}
	}
	return ""
}

// namedAlgorithm is the algorithm that a header names.
func namedAlgorithm(h http.Header, name string) (algorithm, error) {
	a := algorithm(strings.ToUpper(h.Get(name)))
	if a != "" && a.hash() == nil {
		return "", api.Invalid("InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	return a, nil
}

// checkSum compares a computed checksum with the one that came along, if any.
func (q *request) checkSum(a algorithm, sum string) error {
	claim := q.Header.Get(a.header())
	if claim == "" {
		claim = q.Trailer.Get(a.header())
	}
	switch {
	case claim == "" && strings.EqualFold(q.Header.Get("X-Amz-Trailer"), a.header()):
		return api.Invalid("MalformedTrailerError", "The trailer %s that was announced did not come", strings.ToLower(a.header()))
	case claim != "" && claim != sum:
		return api.Invalid("BadDigest", "The %s you specified did not match the calculated checksum.", a)
	}
	return nil
}

// checkMD5 compares the MD5 of a body with the Content-MD5 header, if any.
func (q *request) checkMD5(sum []byte) error {
	claim := q.Header.Get("Content-Md5")
	if claim == "" {
		return nil
	}
	want, err := base64.StdEncoding.DecodeString(claim)
	switch {
	case err != nil || len(want) != md5.Size:
		return api.Invalid("InvalidDigest", "The Content-MD5 you specified was invalid.")
	case string(want) != string(sum):
		return api.Invalid("BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	return nil
}
