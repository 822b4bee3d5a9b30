//go:build models

package main

// The API models are files of this module, not Go code: the import, never
// built, keeps the module in go.mod.
import _ "github.com/aws/aws-sdk-go"
