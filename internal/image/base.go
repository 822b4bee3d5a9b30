package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// certificates are where Linux distributions keep the CA bundle.
var certificates = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
}

// baseLayer returns what a static program expects to find: users, the host's
// CA certificates and a place for temporary files.
func baseLayer() (*layer, error) {
	bundle, err := caBundle()
	if err != nil {
		return nil, err
	}
	files := []file{
		{"etc/", 0o755, nil},
		{"etc/group", 0o644, fmt.Appendf(nil, "root:x:0:\nnonroot:x:%d:\n", NonRoot)},
		{"etc/passwd", 0o644, fmt.Appendf(nil, "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:%d:%[1]d:nonroot:/tmp:/sbin/nologin\n", NonRoot)},
	}
	if bundle != nil {
		files = append(files,
			file{"etc/ssl/", 0o755, nil},
			file{"etc/ssl/certs/", 0o755, nil},
			file{"etc/ssl/certs/ca-certificates.crt", 0o644, bundle})
	}
	return newLayer(append(files, file{"tmp/", 0o1777, nil}))
}

func caBundle() ([]byte, error) {
	for _, path := range certificates {
		bundle, err := os.ReadFile(path)
		if err == nil {
			return bundle, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read CA certificates: %w", err)
		}
	}
	return nil, nil // a host without certificates: its images trust nobody
}
