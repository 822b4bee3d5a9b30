package realtime

import (
	"encoding/json"
	"testing"
)

func TestParse(t *testing.T) {
	p, err := parse(`42/x,17["record.watch",{"kind":"person"}]`)
	if err != nil || p.namespace != "/x" || p.ack != "17" || p.event != "record.watch" || len(p.args) != 1 {
		t.Errorf("%+v (%v)", p, err)
	}
	if p, err := parse(`40{"token":"x"}`); err != nil || p.kind != socketConnect || p.namespace != "/" {
		t.Errorf("%+v (%v)", p, err)
	}
	for _, bad := range []string{"", "4", "9", "42", "42[]", `42{"a":1}`, `42[1]`, `451-["x",{"_placeholder":true,"num":0}]`, "x", `4212345678901234567["a"]`} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"3", "40", `42["a"]`, `42/n,1["a",{}]`, "41", "0{}", "4😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parse(text)
		if err == nil && p.engine == engineMessage && p.kind == socketEvent {
			frame := framed(p.event, nil)
			if !json.Valid(frame[2:]) {
				t.Errorf("%q made %q", text, frame)
			}
		}
	})
}
