package ec2

import "apex/internal/store"

// Reset records that no interface is attached: after the networks were taken
// down, or the machine went down under them.
func (s *Service) Reset(tx *store.Tx) {
	for key := range NetworkInterfaces.All(tx) {
		NetworkInterfaces.Modify(tx, key, func(i *NetworkInterface) { i.Status.Ready = false })
	}
}
