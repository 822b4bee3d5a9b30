// Package redis runs Redis servers: one process per instance, under a supervisor,
// in the network namespace of its interface, with an append-only file.
//
// # An instance's directory
//
//	home/        the server's own, shown to it at /mnt: data, redis.conf, redis.sock
//	supervisor/  see package supervisor
//	admin        the password of the administrator, for root's eyes only
//	applied      a digest of the settings that the running server last took
//
// The administrator is a user of its own whose password never leaves the
// machine. Clients are the default user, who may do what ElastiCache allows; the
// server is given the digest of their password, and no argument shows either.
package redis
