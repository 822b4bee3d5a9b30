// Package db carries the schema: one file per migration, applied in order and
// never changed afterwards. A roll-out runs old and new tasks together, so a
// migration first only adds; what nobody reads any more goes in a later one.
package db

import (
	"embed"
	"io/fs"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the files NNNN_name.sql.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
