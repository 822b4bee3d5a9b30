// Package scaling holds the story of the closed loop: load makes tasks, and its end
// takes them away, by what is measured, and no request is dropped.
package scaling
