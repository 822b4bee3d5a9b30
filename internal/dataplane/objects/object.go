package objects

import (
	"errors"
	"time"
)

// Errors that callers tell apart.
var (
	ErrNoBucket = errors.New("no such bucket")
	ErrNoObject = errors.New("no such object")
	ErrNoUpload = errors.New("no such upload")
	ErrNotEmpty = errors.New("the bucket is not empty")
	// ErrNoVersion says that an object has no such version.
	ErrNoVersion = errors.New("no such version")
	// ErrMarker says that a version marks where an object was deleted.
	ErrMarker = errors.New("the version marks a deletion")
)

// An Object is content under a name, and what is known of it.
type Object struct {
	Key      string // its name in the bucket: any text
	Size     int64  // bytes
	Tag      string // names the content: its MD5 in hexadecimal, or what an upload in parts made
	Modified time.Time
	Meta     map[string]string // what came with the content, given back with it
	Sums     map[string]string // checksums by the name of their algorithm
	Labels   map[string]string // what may change without the content
	Parts    []Part            // the content, in order

	// Version names the object among those that had its name; empty is a version
	// like any other. An object that is replaced by one of another version stays
	// in the history.
	Version string `json:",omitempty"`
	// Marker says that this is no object: with it the name ceased to have one.
	Marker bool `json:",omitempty"`
	// Replaced is when an object of the history ceased to be the one that is there.
	Replaced time.Time `json:",omitzero"`
}

// A Part is a piece of an object's content: one file.
type Part struct {
	File string // its name in the content folder
	Size int64
	Sums map[string]string `json:",omitempty"`
	Tag  string            `json:",omitempty"` // MD5 in hexadecimal
}

// files are the names of the files that hold the object.
func (o Object) files() []string {
	names := make([]string, len(o.Parts))
	for i, p := range o.Parts {
		names[i] = p.File
	}
	return names
}
