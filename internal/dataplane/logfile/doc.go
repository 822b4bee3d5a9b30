// Package logfile keeps one log stream on disk: a folder of segment files that
// one process appends to and any process may read at the same time.
//
// # Promises
//
// An event whose Append returned nil survives the death of the writing process
// at any moment. It is one write(2), without fsync, so the machine's own crash
// may lose the last events; it never damages the earlier ones. A torn tail is
// cut when the stream is next opened for writing, and readers stop before it.
// A damaged frame ends its segment; reading goes on in the next one.
//
// Events are kept in the order of arrival. Times need not ascend: queries by
// time look at every event of the segments whose span touches the query.
//
// # The folder
//
//	lock                  flock(2)ed by the one writer; empty
//	0000000001.segz       the oldest segment, compressed
//	0000000002.seg        …
//	0000000001.77.tmp     a compressed segment in the making
//
// Segments are numbered from 1 without gaps. A writer starts the next segment
// before an event would take the current one past 8 MiB, and leaves a new and
// empty one when it is closed behind 64 KiB or more. Retention deletes
// whole segments from the front and never reuses a number, so a Position
// (segment, offset) names one event for ever.
//
// # A segment, byte by byte
//
// All integers are little-endian. Times are milliseconds since 1970 (int64).
//
//	header, 32 bytes
//	 0  8  magic "APEXLOG1"
//	 8  8  earliest event time in the segment before this one
//	16  8  latest event time in the segment before this one
//	24  4  CRC-32C of bytes 0 to 23
//	28  4  zero
//
// A segment's span stands in its successor's header because it is known only
// when the segment is full. A span of an empty segment has earliest > latest.
//
//	frame, 28 bytes + message
//	 0  4  n: the body's length, 16 + the message's length
//	 4  4  CRC-32C of the body
//	 8  n  body: 8 bytes event time, 8 bytes arrival time, the message
//	 …  4  n again, so that frames can be walked backward
//
// # A compressed segment, byte by byte
//
// Pack compresses segments that are full, which no writer touches any more. The
// file is written beside, synced and renamed; then the plain one is deleted. While
// both are there, they hold the same. Positions are those of the plain segment.
//
//	header, 32 bytes: as the plain one's, but its magic is "APEXLOGZ"
//	blocks: each one zstd frame, of 256 KiB or less of whole frames as above, or of
//	one longer frame; zstd's checksum stands for those of the frames
//	index, 32 bytes for each block
//	 0  8  offset of its first frame in the plain segment
//	 8  8  offset of the zstd frame in this file
//	16  8  earliest event time in the block
//	24  8  latest event time in the block
//	footer, 32 bytes
//	 0  4  number of blocks
//	 4  4  CRC-32C of the index
//	 8  8  length of the plain segment
//	16  8  offset of the index in this file
//	24  4  CRC-32C of bytes 0 to 23
//	28  4  magic "ZEND"
//
// A read by time decompresses only blocks whose times touch it, a read at a
// position only the block that holds it.
package logfile
