// Package apply makes AWS what a graph says, through the official SDK: a region
// on this machine and AWS itself alike.
//
// Every resource is read before anything is done: found by its name or its tags,
// compared, and created, changed or left alone. Resources are worked on at once
// as far as their references allow. A run that was cut off is simply run again.
// At the end, what carries the stack's tags and is no longer in the graph goes.
package apply
