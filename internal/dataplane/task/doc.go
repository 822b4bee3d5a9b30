// Package task runs tasks: groups of containers that start, live and stop
// together in one network namespace and under one set of limits.
//
// [Apply] starts a task once. A supervisor process of its own ([Main]) keeps it:
// it starts the containers in the order of their dependencies, copies their
// output into log streams, checks their health, ends them on request or when an
// essential one ended, and writes what happened into the task's directory. It
// is its own session, so that the region may die and come back; [Observe] then
// tells what it finds. A task is never started twice: what ended stays ended.
//
// When the supervisor dies, the kernel kills its containers (package container),
// and Observe says [CauseLost].
//
// # The directory
//
//	task.json     what Remove needs: the id and the control group
//	lock          held by the supervisor while it lives, and by Remove
//	state.json    the State; replaced whole at each change
//	stop          written by Stop: the reason; read when the supervisor has written
//	              its first state, and when the signal arrives
//	door          a socket on which Enter asks the supervisor for a program
//	supervisor.log what the supervisor itself has to say
//	etc/          hosts, hostname and resolv.conf of the containers
//	volumes/      directories that containers share
//	containers/   what each container wrote over its image
//
// The configuration itself holds secrets in its environments and is therefore
// handed to the supervisor through a pipe and not written down.
package task
