package s3

import (
	"crypto/sha256"
	"encoding/hex"
)

// ownerOf returns the canonical user of an account: 64 hexadecimal digits that
// are always the same for it.
func ownerOf(account string) owner {
	sum := sha256.Sum256([]byte("canonical user of " + account))
	return owner{ID: hex.EncodeToString(sum[:])}
}
