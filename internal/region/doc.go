// Package region puts the parts together: one store, the services with their
// controllers, and the endpoint in front of them. Everything is built once, by
// hand, in order.
//
// A region is a daemon of one home directory. It may die at any moment: what it
// answered is in the store, what it started goes on under supervisors of its own,
// and the next start adopts what it finds.
package region
