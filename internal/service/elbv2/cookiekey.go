package elbv2

import (
	"crypto/rand"

	"apex/internal/dataplane/balancer/cookie"
)

// cookieKey makes the secret that a load balancer's cookies are encrypted with,
// sealed.
func (s *Service) cookieKey(balancer string) []byte {
	key := make([]byte, cookie.KeySize)
	rand.Read(key)
	return s.env.Sealer.Seal(key, []byte(balancer))
}
