// Package vnet builds virtual private networks out of Linux network namespaces.
//
// A network has a router: a namespace that forwards packets, judges them by
// package firewall's rules and answers at a few link-local addresses. Each
// interface is a namespace of its own, joined to the router by a cable (a veth
// pair). It has its address as a /32 and one route, to the next hop
// 169.254.1.1, so every packet passes the router, also between neighbours. The
// host's own routes and firewall are not touched.
//
// All of that lives in the kernel and needs no process. One process for each
// network, the agent (`apex vnet DIR`), resolves names, carries packets of NAT
// and internet gateways, and forwards to the region's endpoint. It runs under
// package supervisor, apart from the region.
//
// A Network's Apply brings one Config about and sends only differences; after a
// crash it looks at what the kernel has and goes on from there.
package vnet
