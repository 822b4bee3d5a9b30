// Package house holds the rules of the house as tests: which package may import
// which, and the proportions of the code.
package house
