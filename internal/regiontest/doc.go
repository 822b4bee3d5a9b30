// Package regiontest starts real regions for tests: the real binary, a home of
// its own, ports of its own, and at the end nothing left behind.
package regiontest
