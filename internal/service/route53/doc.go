// Package route53 serves Amazon Route 53: hosted zones, their records, health
// checks, and what goes with them.
//
// A zone's records are kept as the caller gave them. A controller compiles them
// for each region that may see the zone (plan.go, choose.go) and hands the result
// to package ec2, whose networks' resolvers answer by it: a private zone in the
// VPCs that it is associated with, a public one in all VPCs of its account.
// Which records of a weighted, failover, latency, geolocation or multivalue
// answer are given is decided from health checks and the region.
//
// A change is INSYNC when the controller has published the zone as it was after
// the change.
package route53
