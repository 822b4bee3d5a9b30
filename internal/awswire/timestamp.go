package awswire

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// iso8601 is how the XML protocols write a timestamp: milliseconds where there
// are any, always in UTC.
const iso8601 = "2006-01-02T15:04:05.999Z"

// appendTime appends t in one of the formats that models name.
func appendTime(b []byte, t time.Time, layout string) []byte {
	switch layout {
	case "unixTimestamp":
		return strconv.AppendFloat(b, float64(t.UnixMilli())/1e3, 'f', -1, 64)
	case "rfc822":
		return t.UTC().AppendFormat(b, http.TimeFormat)
	default:
		return t.UTC().AppendFormat(b, iso8601)
	}
}

// parseTime reads a timestamp in any format that a client may send.
func parseTime(s string) (time.Time, bool) {
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		return unixTime(seconds)
	}
	for _, layout := range []string{time.RFC3339Nano, http.TimeFormat, time.RFC1123Z, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// unixTime refuses what no clock shows: beyond the year 9999 time.Time does not
// marshal.
func unixTime(seconds float64) (time.Time, bool) {
	const last = 253402300799 // 9999-12-31T23:59:59Z
	if math.IsNaN(seconds) || seconds < -last || seconds > last {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(math.Round(fraction*1e3))*1e6).UTC(), true
}
