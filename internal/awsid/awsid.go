// Package awsid makes identifiers in the forms that AWS gives them.
package awsid

import (
	"crypto/rand"
	"encoding/hex"
)

// New returns a resource id such as "vpc-0a1b2c3d4e5f60718": the prefix, a dash
// and seventeen hexadecimal digits, of which the first is 0 as in AWS's.
func New(prefix string) string { return prefix + "-0" + Hex(16) }

// Hex returns n random hexadecimal digits.
func Hex(n int) string {
	b := make([]byte, (n+1)/2)
	rand.Read(b) // never fails: it ends the program when the kernel has no randomness
	return hex.EncodeToString(b)[:n]
}

// UUID returns a random UUID (version 4).
func UUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
