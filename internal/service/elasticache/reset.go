package elasticache

import "apex/internal/store"

// Reset records that no cache answers: after the servers were stopped, or the
// machine went down under them.
func (s *Service) Reset(tx *store.Tx) {
	for key := range Caches.All(tx) {
		Caches.Modify(tx, key, func(c *Cache) { c.Status.Ready = false })
	}
}
