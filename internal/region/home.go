package region

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Defaults of a region's values.
const (
	DefaultPort      = 4566
	DefaultHTTPPort  = 8080
	DefaultHTTPSPort = 8443
	DefaultAccount   = "000000000000"
	DefaultRegion    = "us-east-1"
)

// A Home is where a region keeps all its state, and the ports it takes.
type Home struct {
	Dir                       string
	Port, HTTPPort, HTTPSPort int
	Account, Region           string
	Profile                   string // "fast" or "aws"
}

// HomeFromEnv reads the home from the environment: APEX_HOME (default ~/.apex),
// APEX_PORT (4566), APEX_HTTP_PORT (8080), APEX_HTTPS_PORT (8443), APEX_REGION
// (us-east-1), APEX_ACCOUNT (000000000000) and APEX_PROFILE (fast).
func HomeFromEnv() (Home, error) {
	h := Home{
		Dir:     os.Getenv("APEX_HOME"),
		Account: envOr("APEX_ACCOUNT", DefaultAccount),
		Region:  envOr("APEX_REGION", DefaultRegion),
		Profile: envOr("APEX_PROFILE", "fast"),
	}
	if h.Dir == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return h, fmt.Errorf("find the home directory: %w", err)
		}
		h.Dir = filepath.Join(user, ".apex")
	}
	var err error
	if h.Dir, err = filepath.Abs(h.Dir); err != nil {
		return h, err
	}
	var errs [3]error
	h.Port, errs[0] = envPort("APEX_PORT", DefaultPort)
	h.HTTPPort, errs[1] = envPort("APEX_HTTP_PORT", DefaultHTTPPort)
	h.HTTPSPort, errs[2] = envPort("APEX_HTTPS_PORT", DefaultHTTPSPort)
	return h, errors.Join(errs[:]...)
}

// Hash returns six hexadecimal digits that tell this home's kernel objects from
// another's.
func (h Home) Hash() string {
	sum := sha256.Sum256([]byte(h.Dir))
	return hex.EncodeToString(sum[:3])
}

// Endpoint returns the URL of the region's AWS endpoint.
func (h Home) Endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", h.Port) }

func (h Home) path(parts ...string) string {
	return filepath.Join(append([]string{h.Dir}, parts...)...)
}

func envOr(name, def string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return def
}

func envPort(name string, def int) (int, error) {
	v := os.Getenv(name)
	if v == "" {
		return def, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 65535 {
		return 0, fmt.Errorf("%s: %q is no port: want 1 to 65535", name, v)
	}
	return n, nil
}
