// Package cookie seals what the balancer lets clients keep for it, and reads and
// writes the header fields that carry it.
//
// What is sealed can be neither read nor changed by the client, and opens under
// the cookie's name alone. Every process that has the key can open it.
package cookie
