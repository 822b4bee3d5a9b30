// Package authority is the region's own certificate authority.
//
// It is made at first need, in a directory of its own: the certificate for
// everyone to read, its key in a file that only the owner can. The authority is
// constrained to names that nobody owns on the Internet (Domains) and to loopback
// addresses, so that a machine which trusts it trusts it for no one else's name,
// even if the key were stolen. It issues for other names too, but no client that
// looks at constraints accepts those.
package authority
