// Package datachannel speaks the data channel of AWS's Session Manager: what lies
// between the session-manager-plugin, or our own client, and a program in a
// container.
//
// The channel is a WebSocket. The client opens it at the session's stream URL and
// sends one text message of JSON with the session's token. From then on both
// sides send binary messages ([Message]). Those that carry a stream, input_stream_data
// from the client and output_stream_data to it, are numbered from 0; the receiver
// acknowledges each, and what is not acknowledged is sent again. First comes a
// handshake, in which the agent names the kind of session; then payloads of
// PayloadOutput both ways, and PayloadSize when the client's terminal has another
// size. A channel_closed message ends the session; ours also tells the exit code,
// which AWS's plugin passes over.
//
// Source: the messages of the session-manager-plugin (Apache-2.0), as facts.
package datachannel
