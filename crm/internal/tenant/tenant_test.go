package tenant

import (
	"encoding/json"
	"testing"

	"apexai/crm/internal/id"
)

func TestScopes(t *testing.T) {
	for _, tt := range []struct {
		scopes       Scopes
		resource, do string
		want         bool
	}{
		{"people:read", "people", Reading, true},
		{"people:read", "people", Writing, false},
		{"people:write", "people", Reading, true},
		{"people:write", "deals", Reading, false},
		{"*:read", "deals", Reading, true},
		{"*:read", "deals", Writing, false},
		{"deals:read  people:write", "people", Writing, true},
		{"peoples:write", "people", Reading, false},
		{"people:readwrite", "people", Reading, false},
		{"people", "people", Reading, false},
		{"*", "people", Reading, false},
		{"", "people", Reading, false},
	} {
		if got := tt.scopes.Include(tt.resource, tt.do); got != tt.want {
			t.Errorf("%q %s:%s: %t", tt.scopes, tt.resource, tt.do, got)
		}
	}
	if !(Tenant{}).May("people", Writing) {
		t.Error("a session is held to scopes")
	}
	if (Tenant{Key: id.New()}).May("people", Reading) {
		t.Error("a key without scopes may read")
	}
}

func TestRoles(t *testing.T) {
	for _, r := range []Role{Nobody, Viewer, Member, Admin, Owner} {
		var back, scanned Role
		text, err := json.Marshal(r)
		if err != nil || json.Unmarshal(text, &back) != nil || back != r || scanned.Scan([]byte(r.String())) != nil || scanned != r {
			t.Errorf("%s came back as %s and %s", r, back, scanned)
		}
	}
	for _, text := range []string{"", "Owner", "root", "owner "} {
		r := Viewer
		if r.UnmarshalText([]byte(text)) == nil || r != Viewer {
			t.Errorf("%q is a role: %s", text, r)
		}
	}
	var r Role
	if r.Scan(4) == nil {
		t.Error("a number is a role")
	}
}
