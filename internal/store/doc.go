// Package store is the region's one store: typed tables, immutable snapshots, a
// revision for each object, and watchers. Every committed transaction is on disk
// before Update returns.
//
// # Objects are immutable
//
// What Get, All and Prefix give is shared with every other reader. Never change
// it, nor a slice or map inside it. To change an object, use Modify, which works on a deep
// copy, or Put a new value.
//
// # One transaction at a time, many on the disk at once
//
// Transactions run one after another in memory, each on the outcome of the one
// before. A single committer writes all that have gathered while the disk was
// busy in one bbolt transaction, then publishes the new snapshot, wakes the
// watchers and lets the callers go: many writers share the cost of one fsync.
// A reader therefore never sees what a crash could still undo. When the disk
// refuses, every transaction that was not yet written fails, and the state is
// that of the last one that was.
//
// # On disk
//
// One bbolt file. A bucket for each table by its name; in it the object's key
// holds eight bytes of revision (big-endian) and then the object as JSON. The
// bucket "_store" holds the last revision under "revision". Buckets of tables
// that this binary does not know are left alone.
package store
