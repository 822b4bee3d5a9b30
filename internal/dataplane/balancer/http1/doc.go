// Package http1 reads and checks HTTP/1.x messages for a proxy.
//
// A Reader buffers a connection; Request.Parse and Response.Parse turn a head
// into fields that are views of the Reader's buffer; a Body hands out the pieces
// of a message body as they arrive.
//
// Everything here is strict where two parsers could disagree about where a
// message ends: two different lengths, a folded or malformed field, a bare line
// feed or a sloppy chunk is refused rather than repaired. What is understood but
// could be understood otherwise (a length beside chunks, a GET with a body) gets
// a Class and a Fault, in AWS's words, and it is for the caller to decide.
package http1
