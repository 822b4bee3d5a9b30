// Package firewall decides which packets of a VPC may pass.
//
// A Config says who is attached (interfaces), what their security groups admit
// (rules by address, by group, by protocol and port) and where their subnets'
// routes lead. compile turns it into a ruleset: nftables chains, sets and maps
// in one table of the router's namespace. A Table keeps that ruleset in the
// kernel and sends only differences, over one lasting netlink socket; Render
// prints the same ruleset as text, for people and for golden tests.
//
// Everything is refused that no rule admits. The base chains carry a drop
// policy and are loaded before the first link comes up, so that a config that
// does not load leaves the VPC shut, never open.
//
// Packets of a neighbouring network are judged by their receivers' ACLs and groups
// alone. All others take this path:
//
//	prerouting   its source must be the interface's own address
//	             the router's own services (DNS, endpoint, metadata) pass
//	             the ACLs of the subnets that it leaves and enters must let it
//	             packets of known connections go to "carry"
//	             the sender's groups must admit it going out  → "admitted"
//	admitted     the receiver's groups must admit it coming in, or
//	             the sender's route table must lead outside    → "outside"
//	outside      TCP and UDP are handed to the gateway's proxy, the rest dropped
//
// Packets that the router itself sends (a gateway's proxy on behalf of the
// internet) pass the receiver's ACL and groups in "output" like any other. ACLs
// are not asked about the router's own services, nor about packets inside one
// subnet; where all ACLs let everything pass there are no rules for them.
package firewall
