// Package route decides where a request goes: it holds a listener's rules and
// finds the first one whose conditions a request meets, as an Application Load
// Balancer does. Everything in it is pure.
package route
