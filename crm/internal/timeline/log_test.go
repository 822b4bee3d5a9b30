package timeline

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"äöü", 3, "äöü"}, {"äöüß", 3, "äöü"}, {"👩‍👩‍👧", 1, "👩"}, {"日本語", 2, "日本"},
	} {
		if got := Cut(tt.text, tt.limit); got != tt.want {
			t.Errorf("%q to %d: %q", tt.text, tt.limit, got)
		}
	}
	if got := Cut(strings.Repeat("\xff", 10), 5); utf8.RuneCountInString(got) != 5 {
		t.Errorf("what is no UTF-8: %q", got)
	}
}

func TestWritten(t *testing.T) {
	written := 0
	for _, kind := range Types {
		if Written(kind) {
			written++
		}
	}
	if written != 4 {
		t.Errorf("people write %d types", written)
	}
}
