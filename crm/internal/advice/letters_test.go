package advice

import (
	"testing"

	"apexai/crm/internal/id"
)

func FuzzSigned(f *testing.F) {
	key := []byte("a key")
	whole := sign(key, reader{workspace: 7, user: id.New()})
	for _, seed := range []string{whole, whole[:40], whole + "A", "", "%", sign([]byte("another"), reader{workspace: 7})} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		r, ok := signed(key, token)
		if ok != (token == whole) || ok && sign(key, r) != token {
			t.Errorf("%q is taken: %v", token, ok)
		}
	})
}
