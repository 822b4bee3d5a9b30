// Package drill sends a steady load at URLs while something is broken on purpose,
// and tells what those who sent it saw.
//
// The load is open: requests start at their times whether earlier ones were
// answered or not, as users do. Each is counted once, by how it ended.
package drill
