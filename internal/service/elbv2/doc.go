// Package elbv2 is Elastic Load Balancing version 2: application load balancers,
// their listeners and rules, and target groups of addresses.
//
// The API writes what is wanted. A controller compiles each load balancer's rows
// into one configuration (plan.go) for its balancer, a process of its own under
// a supervisor, and reads back what the balancer sees; another copies each
// target's health to its row and removes the row when the target has drained.
//
// A load balancer listens at its interfaces in the VPC. One that faces the
// internet also listens on the host's loopback, which stands for the internet
// with 127.0.0.1 as the peer: a port that its security groups do not open to
// that address is closed there as well. Port 80 of the home's first listener is
// the environment's HTTPPort there, other ports are given from 8081 on.
//
// Other services register targets by RegisterTarget and DeregisterTarget on
// their own transactions, and read TargetHealth.
package elbv2
