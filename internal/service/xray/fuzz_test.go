package xray

import "testing"

// FuzzDocument reads any segment and shows it.
func FuzzDocument(f *testing.F) {
	f.Add(`{"trace_id":"1-58406520-a006649127e371903a2de979","id":"70de5b6f19ff9a0a","name":"x","start_time":1.478e9,"end_time":1.479e9,"annotations":{"a":[1]}}`, "fault OR duration > 3")
	f.Add(`{"trace_id":"58406520a006649127e371903a2de979","subsegments":[{}]}`, `annotation.a = "x"`)
	f.Fuzz(func(t *testing.T, text, filter string) {
		one := trace{id: "x"}
		one.add(text)
		wants, err := parseFilter(filter)
		if len(one.documents) == 0 {
			return
		}
		one.summary()
		graphOf([]trace{one})
		if err == nil {
			wants(one)
		}
	})
}
