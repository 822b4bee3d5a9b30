package encode

import (
	"encoding"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

func writeStandard(b []byte, v reflect.Value) ([]byte, error) { return standard(b, v.Interface()) }

func writeAppender(b []byte, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return append(b, "null"...), nil
	}
	return v.Interface().(Appender).AppendJSON(b)
}

func writeInterface(b []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(b, "null"...), nil
	}
	return Append(b, v.Elem().Interface())
}

// writeTime is as time.Time marshals itself; what RFC 3339 cannot say is its
// error to tell.
func writeTime(b []byte, v reflect.Value) ([]byte, error) {
	t := v.Addr().Interface().(*time.Time)
	if y := t.Year(); y < 0 || y > 9999 || t.Location() != time.UTC {
		return writeStandard(b, v)
	}
	return append(t.AppendFormat(append(b, '"'), time.RFC3339Nano), '"'), nil
}

// writeText takes a text as it is if it is plain.
func writeText(b []byte, v reflect.Value) ([]byte, error) {
	begin := len(b)
	b, err := v.Addr().Interface().(encoding.TextAppender).AppendText(append(b, '"'))
	if err != nil || !asItIs(b[begin+1:]) {
		return writeStandard(b[:begin], v)
	}
	return append(b, '"'), nil
}

// safe are the bytes that stand for themselves in a string, as encoding/json
// has it: not those of HTML.
var safe = func() (set [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = !strings.ContainsRune(`"\<>&`, c)
	}
	return set
}()

func asItIs[T string | []byte](text T) bool {
	for i := range len(text) {
		if !safe[text[i]] {
			return false
		}
	}
	return true
}

func appendString(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if safe[s[i]] {
			continue
		}
		if s[i] < utf8.RuneSelf || !letters(s[i:]) {
			return standard(b, s)
		}
		break
	}
	return append(append(append(b, '"'), s...), '"'), nil
}

// letters says that a text beyond ASCII needs no escapes.
func letters(s string) bool {
	for i := range len(s) {
		if s[i] < utf8.RuneSelf && !safe[s[i]] {
			return false
		}
	}
	return utf8.ValidString(s) && !strings.ContainsAny(s, "\u2028\u2029")
}
