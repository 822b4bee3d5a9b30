// Package supervisor keeps one process running for a data plane, apart from the
// region that asked for it.
//
// [Apply] starts a small detached process, `apex supervise DIR`, in a session of
// its own. That supervisor starts the process which the [Spec] describes, in its
// network namespace and as its user, keeps its output in DIR/log, notes how it
// ended, and starts it again if the Spec says so. The region may die at any
// moment: supervisor and process go on, and the next Apply or [Observe] finds
// them by process id and start time, so that a process id used again by the
// system is never taken for ours.
//
// The process does not outlive its supervisor: the kernel kills it then
// (PDEATHSIG), and the next Apply starts both.
//
// # Files in DIR
//
//	spec.json   what Apply was asked for
//	state.json  what the supervisor knows, replaced atomically at each change
//	log, log.1  the process's standard output and error, bounded in size
//	lock        held by Apply and Stop, so that callers take turns
//
// # Files that survive the process
//
// A process started with KeepFiles may hand open files, such as listening
// sockets, to its supervisor ([Attach]). After a crash the next run gets them
// back, so that connections waiting in a listening socket's queue are not lost.
package supervisor
