package web

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// twice is where in a JSON text an object has a member twice; "" if nowhere.
// Readers differ in which of the two they take, so that what one has judged
// another would not use. Names that differ in case only are the same, as they
// are for encoding/json.
func twice(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // numbers of any size pass
	at, found := repeated(d)
	if !found {
		return ""
	}
	return at
}

// repeated looks through the next value. It stops where the text is no JSON,
// which somebody else tells of.
func repeated(d *json.Decoder) (at string, found bool) {
	opening, err := d.Token()
	if opening != json.Delim('{') && opening != json.Delim('[') || err != nil {
		return "", false
	}
	var seen map[string]bool
	for i := 0; d.More(); i++ {
		name := strconv.Itoa(i)
		if opening == json.Delim('{') {
			token, err := d.Token()
			key, ok := token.(string)
			if err != nil || !ok {
				return "", false
			}
			name = pointer.Replace(key)
			folded := strings.ToLower(strings.ToUpper(key))
			if seen[folded] {
				return "/" + name, true
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[folded] = true
		}
		if at, found = repeated(d); found {
			return "/" + name + at, true
		}
	}
	d.Token() // the closing one, if the text is whole
	return "", false
}

// pointer escapes a name for a JSON pointer (RFC 6901).
var pointer = strings.NewReplacer("~", "~0", "/", "~1")
