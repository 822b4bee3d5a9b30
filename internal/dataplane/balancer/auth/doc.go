// Package auth decides who a request comes from: it checks bearer tokens
// (RFC 7519) against an issuer's keys, and leads users to an OpenID Connect
// provider and back.
//
// A login lives in cookies alone, sealed by the balancer's key, so that every
// process of it knows the user. Providers are asked from the process's own
// network namespace, as an ALB asks them over the internet.
package auth
