package web

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"

	"apexai/crm/internal/problem"
)

// maxDepth is far more than any body needs, and less than what MariaDB takes
// into a column of JSON (32).
const maxDepth = 20

// unsound refuses JSON that readers take differently, or not at all:
//
//   - an object with a member twice: readers differ in which of the two they
//     take, so that what one has judged another would not use;
//   - half a character (a lone surrogate), which databases refuse and
//     encoding/json replaces without a word;
//   - what lies deeper than maxDepth.
//
// The text is JSON; somebody has read it before.
func unsound(text []byte) error {
	if halved(text) {
		return problem.Syntax("the body has half a character in it: a surrogate without its other one")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // numbers of any size pass
	if f, _ := fault(d, 1); f != nil {
		return problem.Validation(*f)
	}
	return nil
}

// fault looks through the next value; more says that the text goes on as JSON.
func fault(d *json.Decoder, depth int) (f *problem.Fault, more bool) {
	opening, err := d.Token()
	if opening != json.Delim('{') && opening != json.Delim('[') || err != nil {
		return nil, err == nil
	}
	if depth > maxDepth {
		return &problem.Fault{Code: "too-deep", Message: "at most " + strconv.Itoa(maxDepth) + " levels"}, false
	}
	var seen map[string]bool
	for i := 0; d.More(); i++ {
		name := strconv.Itoa(i)
		if opening == json.Delim('{') {
			token, err := d.Token()
			key, ok := token.(string)
			if err != nil || !ok {
				return nil, false
			}
			name = pointer.Replace(key)
			folded := strings.ToLower(strings.ToUpper(key)) // as encoding/json compares names
			if seen[folded] {
				return &problem.Fault{Pointer: "/" + name, Code: "twice", Message: "this member is given twice"}, false
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[folded] = true
		}
		if f, more = fault(d, depth+1); f != nil {
			f.Pointer = "/" + name + f.Pointer
		}
		if !more {
			return f, false
		}
	}
	_, err = d.Token() // the closing one
	return nil, err == nil
}

// pointer escapes a name for a JSON pointer (RFC 6901).
var pointer = strings.NewReplacer("~", "~0", "/", "~1")

// halved says whether a string of the text escapes a surrogate without its
// other one behind it.
func halved(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		first, ok := escaped(text[i:])
		if !ok {
			i++ // what is escaped, perhaps another backslash
			continue
		}
		i += 5
		if !utf16.IsSurrogate(first) {
			continue
		}
		second, ok := escaped(text[i+1:])
		if !ok || utf16.DecodeRune(first, second) == '\uFFFD' {
			return true
		}
		i += 6
	}
	return false
}

// escaped reads an escape such as \u20ac at the beginning of the text.
func escaped(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}
