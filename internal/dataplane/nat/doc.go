// Package nat carries packets between a VPC and the network outside.
//
// The VPC's router hands it connections and datagrams with their addresses
// unchanged (Linux's transparent proxying), so it sees who sent them and where
// they were meant to go. A Gateway asks whether and under which address the
// sender may go out, opens a connection of its own outside, and joins the two:
// half-closes pass, and a slow reader slows its writer down.
//
// A connection is accepted inside before it is known whether the outside
// answers. If it does not, it is reset.
//
// A Gateway counts what it carries under each address outside (Counters). Bytes
// pass it in the kernel, which therefore says how many there were.
//
// A Guard keeps the VPC out of the machine it runs on.
package nat
