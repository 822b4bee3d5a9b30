// Package cgroup limits and measures groups of processes with Linux control
// groups, version 1, version 2 and the hybrid of both.
//
// A Group is named by a path such as "apex-1a2b3c/task/container" and exists
// once in every hierarchy that owns one of the controllers used here: cpu,
// cpuacct, memory, pids, and what counts disk traffic if there is one. Where a controller is mounted as version 1 that
// mount is used, else the version 2 hierarchy must list it.
//
// The package exists beside github.com/opencontainers/cgroups because that
// links logrus, D-Bus and systemd into every supervisor and every container's
// init, which live by the hundred and should stay at about a megabyte.
package cgroup
