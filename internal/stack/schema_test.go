package stack

import (
	"bytes"
	"os"
	"testing"
)

// TestSchemaIsCurrent keeps the committed schema and the types in step.
func TestSchemaIsCurrent(t *testing.T) {
	const file = "../../docs/apex.schema.json"
	if *update {
		if err := os.WriteFile(file, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, Schema()) {
		t.Errorf("%s is stale: run go test ./internal/stack -update", file)
	}
}
