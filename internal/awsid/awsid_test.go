package awsid_test

import (
	"regexp"
	"testing"

	"apex/internal/awsid"
)

func TestForms(t *testing.T) {
	for name, tt := range map[string]struct {
		make func() string
		form string
	}{
		"resource":   {func() string { return awsid.New("vpc") }, `^vpc-0[0-9a-f]{16}$`},
		"odd digits": {func() string { return awsid.Hex(7) }, `^[0-9a-f]{7}$`},
		"uuid":       {awsid.UUID, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := tt.make(), tt.make()
			if !regexp.MustCompile(tt.form).MatchString(a) {
				t.Errorf("%q has not the form %s", a, tt.form)
			}
			if a == b {
				t.Errorf("%q came twice", a)
			}
		})
	}
}
