// Package web carries the studio's files: hand-written ES modules, styles and
// fonts, served as they stand here; there is no build step.
package web

import (
	"embed"
	"io/fs"
)

//go:embed shell.html missing.html static
var files embed.FS

// Files holds shell.html, missing.html and the folder static.
func Files() fs.FS { return files }
