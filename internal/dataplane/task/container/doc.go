// Package container runs one program confined: in mount, pid, uts and ipc
// namespaces of its own, in a given network namespace, on an overlay of image
// layers, with few capabilities and a seccomp filter.
//
// [Start] clones this same binary as process 1 of the new pid namespace; it
// runs [InitMain], which builds the root file system, confines itself and only
// then starts the program. Process 1 stays: it reaps orphans, passes signals
// on, runs health checks beside the program and reports how it ended.
//
// # What confines a program
//
//   - Root is pivoted to the overlay and the old root is unmounted; sources of
//     bind mounts are opened before and moved in after, so that no symbolic link
//     of an image is ever followed outside of it.
//   - No device but null, zero, full, random, urandom and tty: every other mount
//     is nodev and CAP_MKNOD is not given.
//   - The capabilities are Docker's default set without CAP_MKNOD for user 0 and
//     none for any other; no_new_privs is set.
//   - The seccomp filter (seccomp.go) refuses what changes namespaces, mounts,
//     the clock or the kernel.
//   - Process 1 lives under the same filter. It is not dumpable, which keeps its
//     memory, its descriptors and its executable (the apex binary of the host)
//     out of the program's reach.
//   - When the thread that started it dies, the kernel kills process 1 and with
//     it everything in its pid namespace.
package container
