package nat

import "testing"

func FuzzMeantFor(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 53, 198, 51, 100, 80})
	f.Fuzz(func(t *testing.T, control []byte) {
		if a, ok := meantFor(control); ok && !a.IsValid() {
			t.Errorf("meantFor(%x) = %v", control, a)
		}
	})
}
