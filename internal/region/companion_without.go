//go:build !companion

package region

// companion is empty in a binary that was built without `make`.
var companion []byte
