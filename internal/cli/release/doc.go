// Package release rolls new versions of a service out and back, over the AWS API
// alone: it works on AWS as it does on this machine.
//
// A release goes through four steps. Verify looks at what stops a first
// deployment: the image and its architecture, every secret and its key. Probe
// starts one task beside the service and lets the load balancer judge it, so that
// a port that does not listen or a health path that does not answer is known
// before anything is rolled. Roll changes the service and watches until ECS says
// that the deployment is complete or has failed. A Tally counts from the load
// balancer's own metrics what users saw meanwhile.
package release
