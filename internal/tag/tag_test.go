package tag_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/tag"
)

func TestValidate(t *testing.T) {
	many := tag.Tags{}
	for i := range tag.MaxCount + 1 {
		many[fmt.Sprint(i)] = ""
	}
	for name, tt := range map[string]struct {
		tags tag.Tags
		ok   bool
	}{
		"none":             {nil, true},
		"ordinary":         {tag.Tags{"Name": "x", "empty": ""}, true},
		"too many":         {many, false},
		"no key":           {tag.Tags{"": "x"}, false},
		"reserved":         {tag.Tags{"AWS:x": "y"}, false},
		"long key":         {tag.Tags{strings.Repeat("k", 129): ""}, false},
		"runes, not bytes": {tag.Tags{strings.Repeat("ü", 128): strings.Repeat("ü", 256)}, true},
		"long value":       {tag.Tags{"k": strings.Repeat("v", 257)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tt.tags.Validate(); (err == nil) != tt.ok {
				t.Errorf("Validate() = %v, want ok %v", err, tt.ok)
			}
		})
	}
}

func TestWithAndWithoutLeaveTheirReceiver(t *testing.T) {
	a := tag.Tags{"x": "1", "y": "2"}
	b := a.With(tag.Tags{"y": "3", "z": "4"}).Without("x")
	if diff := cmp.Diff(tag.Tags{"y": "3", "z": "4"}, b); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(tag.Tags{"x": "1", "y": "2"}, a); diff != "" {
		t.Error(diff)
	}
}
