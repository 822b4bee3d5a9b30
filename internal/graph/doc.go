// Package graph turns a stack into the AWS resources that make it up.
//
// Build is pure: the same stack gives the same graph, and nothing is asked of
// AWS. A resource is a small typed struct; where it needs another it holds that
// one's [ID], and these references alone order the work. What only AWS knows
// (identifiers, addresses, digests) is not in the graph: package apply finds it
// out, Terraform export writes references instead.
//
// Names are stable and readable ("apexai-dev-server"), and every resource that
// can carry tags says whose it is: apex:stack, apex:environment, apex:resource.
package graph
