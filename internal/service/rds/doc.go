// Package rds serves the RDS API for MySQL and MariaDB instances.
//
// An instance is a real server (package dataplane/mysql) in the network namespace
// of an interface of its own, in a subnet of its subnet group. Its endpoint's
// name resolves inside the VPC. The server is the engine that this machine has,
// whatever engine and version the caller named: InstanceStatus.Engine says which.
//
// Class, storage, engine version and Multi-AZ change at once if the caller says
// ApplyImmediately, else at the next maintenance window ([InstanceSpec.at]).
// Parameters that a server takes only at its start wait for a reboot, as the
// parameter group's status in DescribeDBInstances shows.
//
// There is one server per instance: Multi-AZ, encryption and monitoring are
// settings that are kept and given back. A snapshot is a copy of the data on
// disk, from which other instances begin.
//
// An Aurora MySQL cluster is one server, too: its data are the cluster's, and it
// runs at the interface of the member that writes. The names of the cluster and of
// all its members lead there; fail-over moves it to another member's interface. An
// Aurora PostgreSQL cluster is kept and given back: nothing runs.
package rds
