package elasticache

// The states of a cache that this region shows.
const (
	stateCreating  = "creating"
	stateFailed    = "create-failed"
	stateAvailable = "available"
	stateModifying = "modifying"
	stateRebooting = "rebooting cluster nodes"
	stateDeleting  = "deleting"
)

// state names what a cache is doing: what was asked for less what is done.
func state(c Cache) string {
	spec, status := c.Spec, c.Status
	switch {
	case spec.Deleted:
		return stateDeleting
	case !status.Created && status.Failed:
		return stateFailed
	case !status.Created:
		return stateCreating
	case spec.Reboots != status.Reboots:
		return stateRebooting
	case spec.Change != status.Change:
		return stateModifying
	case !status.Ready:
		return stateRebooting // its supervisor starts it again
	}
	return stateAvailable
}
