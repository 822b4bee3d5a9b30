// Package servicediscovery serves AWS Cloud Map: namespaces, services in them, and
// instances, which are found by DNS or by asking.
//
// A DNS namespace has a hosted zone of package route53, and an instance its records
// there: what is registered is answered by VPCs' resolvers. Package ecs registers
// tasks by Register and Deregister on its own transactions.
//
// All that a call changes is changed when it is answered, so that the operation
// that it names has succeeded by then.
package servicediscovery
