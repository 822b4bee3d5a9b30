// Package controller runs the region's controllers: each brings the world into
// line with one table of the store.
//
// A controller is level-triggered. It is told that an object may need work,
// never what happened to it; it looks at what is wanted and at what is, and
// closes the difference. It may be told too often, and it is told of every object
// when the region starts, so that nothing depends on an event being seen.
//
// One object is never reconciled by two workers at once. The runner alone writes
// an object's Status, and only when it changed.
package controller
