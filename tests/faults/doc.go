// Package faults shows what people do wrong and what tasks do wrong, on a real
// region, and that the answer is clear.
package faults
