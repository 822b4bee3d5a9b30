//go:build companion

package region

import _ "embed"

// companion is cmd/apex-task, which `make build` builds before this binary.
//
//go:embed apex-task
var companion []byte
