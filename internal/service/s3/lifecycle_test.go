package s3

import (
	"testing"
	"time"

	"apex/internal/dataplane/objects"
)

func TestWhatExpires(t *testing.T) {
	written := time.Date(2026, 11, 1, 15, 0, 0, 0, time.UTC)
	o := objects.Object{Key: "logs/a", Size: 100, Modified: written, Labels: map[string]string{"keep": "no"}}
	rule := func(inner string) string {
		return `<LifecycleConfiguration><Rule><Status>Enabled</Status>` + inner + `</Rule></LifecycleConfiguration>`
	}
	const week = `<Expiration><Days>7</Days></Expiration>`
	for name, tt := range map[string]struct {
		text string
		at   time.Time
		want bool
	}{
		"a week on, before midnight": {rule(week), written.AddDate(0, 0, 7), false},
		"after that midnight":        {rule(week), time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), true},
		"its prefix":                 {rule(`<Filter><Prefix>logs/</Prefix></Filter>` + week), written.AddDate(0, 1, 0), true},
		"another prefix":             {rule(`<Filter><Prefix>data/</Prefix></Filter>` + week), written.AddDate(0, 1, 0), false},
		"an old rule's prefix":       {rule(`<Prefix>logs/</Prefix>` + week), written.AddDate(0, 1, 0), true},
		"its tag":                    {rule(`<Filter><Tag><Key>keep</Key><Value>no</Value></Tag></Filter>` + week), written.AddDate(0, 1, 0), true},
		"another tag":                {rule(`<Filter><Tag><Key>keep</Key><Value>yes</Value></Tag></Filter>` + week), written.AddDate(0, 1, 0), false},
		"all of it": {rule(`<Filter><And><Prefix>logs/</Prefix><Tag><Key>keep</Key><Value>no</Value></Tag><ObjectSizeGreaterThan>50</ObjectSizeGreaterThan></And></Filter>` +
			week), written.AddDate(0, 1, 0), true},
		"too small": {rule(`<Filter><ObjectSizeGreaterThan>100</ObjectSizeGreaterThan></Filter>` + week), written.AddDate(0, 1, 0), false},
		"its date":  {rule(`<Expiration><Date>2026-12-01T00:00:00Z</Date></Expiration>`), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), true},
		"off":       {`<LifecycleConfiguration><Rule><Status>Disabled</Status>` + week + `</Rule></LifecycleConfiguration>`, written.AddDate(1, 0, 0), false},
	} {
		l, err := parseLifecycle(tt.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := l.expired(o, tt.at); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
