// Package http1 reads and checks HTTP/1.x messages for a proxy.
//
// A Reader buffers a connection; ParseRequest and ParseResponse turn a head
// into fields that are views of the Reader's buffer; a Body hands out the pieces
// of a message body as they arrive.
//
// Everything here is strict where two parsers could disagree about where a
// message ends: a request with both Content-Length and Transfer-Encoding, with
// two lengths, a folded or malformed field, a bare line feed or a sloppy chunk
// is refused rather than repaired.
package http1
