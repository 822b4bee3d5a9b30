// Package tasks tells stories of a person and single tasks: entering one, running
// one by hand.
package tasks
