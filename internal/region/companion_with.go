//go:build companion

package region

import _ "embed"

// companion is cmd/apex-task as gzip packs it. `make build` builds it before this
// binary.
//
//go:embed apex-task.gz
var companion []byte
