// Package https shows a page over HTTPS in a real browser: the certificate is
// ACM's, the authority the home's own, and WebSockets go through the balancer.
package https
