package rds

// The states of an instance that this region shows.
const (
	stateCreating  = "creating"
	stateFailed    = "failed"
	stateAvailable = "available"
	stateModifying = "modifying"
	stateRebooting = "rebooting"
	stateStopping  = "stopping"
	stateStopped   = "stopped"
	stateStarting  = "starting"
	stateDeleting  = "deleting"
)

// state names what an instance is doing: what was asked for less what is done.
func state(i Instance) string {
	spec, status := i.Spec, i.Status
	switch {
	case spec.Deleted:
		return stateDeleting
	case !status.Created && status.Failed:
		return stateFailed
	case !status.Created:
		return stateCreating
	case spec.Stopped && status.Stopped:
		return stateStopped
	case spec.Stopped:
		return stateStopping
	case status.Stopped:
		return stateStarting
	case spec.Reboots != status.Reboots, spec.Failovers != status.Failovers:
		return stateRebooting
	case spec.Change != status.Change:
		return stateModifying
	case !status.Ready:
		return stateRebooting // its supervisor starts it again
	}
	return stateAvailable
}
