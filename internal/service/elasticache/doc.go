// Package elasticache serves the ElastiCache API for Redis.
//
// A replication group, or a cache cluster that stands alone, is one real server
// (package dataplane/redis) in the network namespace of an interface of its own.
// Its endpoints' names resolve inside the VPC. Replicas are listed as the caller
// asked for them and their endpoints lead to the one server: there is no second
// copy yet. Encryption in transit is a setting that is kept: inside the VPC the
// server speaks plain TCP.
//
// Node type and engine version change at once if the caller says
// ApplyImmediately, else in the next maintenance window.
package elasticache
