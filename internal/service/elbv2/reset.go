package elbv2

import "apex/internal/store"

// Reset records that no balancer serves and that nothing is known of any target:
// after the balancers were stopped, or the machine went down under them.
func (s *Service) Reset(tx *store.Tx) {
	for key := range LoadBalancers.All(tx) {
		LoadBalancers.Modify(tx, key, func(b *LoadBalancer) { b.Status = LoadBalancerStatus{} })
	}
	for key := range Registrations.All(tx) {
		Registrations.Modify(tx, key, func(r *Registration) { r.Status = RegistrationStatus{} })
	}
}
