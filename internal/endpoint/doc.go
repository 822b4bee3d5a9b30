// Package endpoint is the region's one door: all AWS APIs on one port.
//
// For each request it finds the service (by the scope of its signature, then by
// target header or API version), verifies the signature, reads the input, asks
// whether the caller may, and hands it to the route. Whatever goes wrong is
// answered in the words of the service's own protocol.
//
// It also serves the OCI registry below /v2/, which authenticates by itself, the
// object store, whose signatures it verifies before a body is read, and its own
// health at /_apex/health.
package endpoint
