package config

import "net/netip"

// webhooks takes WEBHOOK_NETWORKS, which opens private networks to webhooks.
func (r *reader) webhooks(e Environment) []netip.Prefix {
	if r.text("WEBHOOK_NETWORKS", "") == "" {
		return nil
	}
	if e == Production {
		r.fault("WEBHOOK_NETWORKS", "is for development only: whoever sets a webhook could reach with it what only this server can")
	}
	return r.prefixes("WEBHOOK_NETWORKS", "")
}
