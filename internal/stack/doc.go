// Package stack reads apex.yaml: what a team wants to run, in its own words.
//
// A file describes one stack and its environments. Load checks every
// environment, because a mistake that shows up first in production is found too
// late; Stack then gives one environment with every default filled in.
// A mistake is a [Problem]: the place in the file, what is wrong there, and the
// way out. All problems of a file are reported at once.
//
// The Go types are the schema: field names come from their yaml tags, texts for
// editors from their doc tags ([Schema]), and a type that is written as one
// scalar ("70%", "20-40 GiB", "Mon 04:00-05:00") says so by UnmarshalText and
// Form.
package stack
