// Package cli is the command line of Apex: one file for each command.
//
// Its rules are in docs/cli-style.md. Data goes to standard output, progress and
// errors to standard error; an error says what was done to what and what went
// wrong, and where a way out is known a hint follows it.
package cli
