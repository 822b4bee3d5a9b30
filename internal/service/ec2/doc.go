// Package ec2 is the network half of Amazon EC2: VPCs, subnets, route tables,
// gateways, addresses, network interfaces, security groups.
//
// The API writes what is wanted and answers at once. Controllers compile all of
// a VPC's rows into one configuration (plan.go) and have the data plane, package
// vnet, bring it about; they write back which interfaces and NAT gateways are
// ready.
//
// A meter (meter.go) puts what NAT gateways carry into CloudWatch as
// AWS/NATGateway, every minute, or every five seconds in the profile "fast". Bytes
// are payload without headers. The peaks per second are left out. IdleTimeoutCount
// counts UDP flows that carried nothing for 60 s: idle TCP connections are kept.
//
// Other services ask for interfaces and names inside a VPC by RequestInterface
// and PutName, on their own transactions.
package ec2
