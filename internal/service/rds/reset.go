package rds

import "apex/internal/store"

// Reset records that no instance answers: after the servers were stopped, or the
// machine went down under them.
func (s *Service) Reset(tx *store.Tx) {
	for key := range Instances.All(tx) {
		Instances.Modify(tx, key, func(i *Instance) { i.Status.Ready = false })
	}
}
