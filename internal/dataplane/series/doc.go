// Package series keeps figures over time: for each series slots of a fixed
// length, each with the count, sum, least and greatest of its samples, and their
// distribution for percentiles.
//
// # Tiers
//
// Samples are kept by the second for three hours. When a minute has passed, what
// its seconds hold is added up into one slot of a minute; minutes become slots of
// five minutes, and those of an hour:
//
//	tier     slot    kept       a file holds
//	1s       1 s     3 hours    5 minutes
//	1m       1 min   15 days    1 day
//	5m       5 min   63 days    7 days
//	1h       1 h     455 days   35 days
//
// A sample that comes late is added to every tier that has passed its time, so
// that a reader finds it whichever tier it reads. Read takes the coarsest tier
// whose slots fill the period that is asked for.
//
// # Distribution
//
// A value is counted in the bucket round(ln|v| / ln 1.01), for which the number in
// it with the fewest digits stands: what a percentile returns is within 1 % of a
// sample, and whole numbers up to a hundred are exact. Buckets are kept sparse. Slots whose samples
// are all equal need none; those of a Set, of which only the outline is known,
// have none and so no percentiles.
//
// # On disk
//
// The directory holds a catalogue of the series, the times at which each was last
// seen, and for each tier one file for each span of time, "1s-1795507200" (the
// span's start in Unix seconds). Files are mapped into memory and written there:
// Add makes no system call, and what it returned from is in the page cache, which
// outlives the process. Nothing is flushed: a power cut may take the last seconds.
//
// A tier's file (integers little-endian, uvarint and varint as encoding/binary):
//
//	 0  8  "APXSER01"
//	 8  8  start of the span, Unix seconds
//	16  4  length of a slot, seconds
//	20  4  length of the span, seconds
//	24     records, one behind the other, up to a length of 0 or the file's end
//
// A record:
//
//	0  2  length of the body in bytes; written last, so that a record that was
//	      broken off has the length 0
//	2  2  the low 16 bits of the body's CRC-32C
//	4     body:
//	      uvarint  number of the series; 0 is a mark
//	      uvarint  bytes from here back to the start of the series' record before
//	               in this file, counted from this record's start; 0 for none
//	      uvarint  number of the slot in the span
//	      1 byte   kind; bit 6 is set in a slot that was added up from a finer tier
//	      kind 0   one sample: float64 value
//	      kind 1   equal samples: float64 count, float64 value
//	      kind 2   float64 count, sum, least, greatest; uvarint number of buckets;
//	               for each: varint bucket less the one before, uvarint count
//	      kind 3   as 2, with float64 counts
//	      kind 4   an outline: float64 count, sum, least, greatest
//	      kind 5   a mark: the tier is complete up to the end of this slot
//
// A slot may have several records; it is the sum of them. Slots that were added up
// stand in one run before the mark that makes them count: at Open a run without
// its mark is cut off and made again.
//
// The catalogue ("catalogue") is a sequence of
//
//	0  4  length of the body
//	4  4  its CRC-32C
//	8     body: 1 byte kind
//	      kind 1   the next series, numbered from 1: strings unit, scope, space,
//	               name; uvarint number of labels; for each: strings name, value
//	      kind 2   a series' new unit: uvarint number, string unit
//
// where a string is a uvarint length and bytes. "seen" holds for series n at byte
// 4n the uint32 Unix seconds of its newest sample.
package series
