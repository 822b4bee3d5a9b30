package llm

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func collect(t testing.TB, stream string) []string {
	t.Helper()
	var all []string
	if err := events(iotest.OneByteReader(strings.NewReader(stream)), func(data []byte) error {
		all = append(all, string(data))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEvents(t *testing.T) {
	for stream, want := range map[string]string{
		"data: a\n\ndata: b\n\n":                      "a|b",
		"data: a\r\n\r\ndata: b\r\rdata:c\n\n":        "a|b|c",
		": comment\nevent: x\nid: 1\ndata: a\n\n\n\n": "a",
		"data: a\ndata: b\n\n":                        "a\nb",
		"data: a\n\ndata: cut":                        "a",
		"data\n\n":                                    "",
	} {
		if got := strings.Join(collect(t, stream), "|"); got != want {
			t.Errorf("%q: got %q, want %q", stream, got, want)
		}
	}
	if err := events(strings.NewReader("data: "+strings.Repeat("x", maxLine+1)), func([]byte) error { return nil }); err == nil {
		t.Error("a line without end is taken")
	}
}

func TestSchema(t *testing.T) {
	s := &Schema{Type: "object", Members: []Member{
		{"name", &Schema{Type: "string", Max: 3}},
		{"kind", &Schema{Type: "string", Enum: []string{"a", "b"}}},
		{"when", &Schema{Type: "string", Nullable: true}},
		{"list", &Schema{Type: "array", Max: 2, Items: &Schema{Type: "integer"}}},
	}}
	for text, ok := range map[string]bool{
		`{"name":"x","kind":"a","when":null,"list":[1,2]}`: true, `{"name":"x","kind":"a","list":[]}`: true,
		`{"name":"xxxx","kind":"a","when":null,"list":[]}`: false, `{"name":"x","kind":"c","when":null,"list":[]}`: false,
		`{"kind":"a","when":null,"list":[]}`: false, `{"name":"x","kind":"a","when":1,"list":[]}`: false,
		`{"name":"x","kind":"a","when":null,"list":[1.5]}`: false, `{"name":"x","kind":"a","when":null,"list":[1,2,3]}`: false,
		`{"name":"x","kind":"a","when":null,"list":[],"delete":true}`: false, `[]`: false, `nonsense`: false, `{} {}`: false,
	} {
		if err := s.Check([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "Thu, 26 Nov 2026 12:00:09 GMT": 9 * time.Second, "Thu, 26 Nov 2020 12:00:09 GMT": 0,
	} {
		if got := retryAfter(v, now); got != want {
			t.Errorf("%q: %s, want %s", v, got, want)
		}
	}
}

func FuzzEvents(f *testing.F) {
	for _, s := range []string{"data: a\n\n", "data:\r\r\n\n", ":\n\n", "data: a\ndata: b\n\nx", "\r\r\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		total := 0
		whole := ""
		err := events(bytes.NewReader(stream), func(data []byte) error { total += len(data); whole += string(data) + "\x00"; return nil })
		if total > len(stream) {
			t.Errorf("%d bytes came of %d", total, len(stream))
		}
		slowly := ""
		if again := events(iotest.OneByteReader(bytes.NewReader(stream)), func(data []byte) error { slowly += string(data) + "\x00"; return nil }); (again == nil) != (err == nil) || slowly != whole {
			t.Errorf("%q read slowly is %q", whole, slowly)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":-5}}`, `{"candidates":[{}]}`, `null`, `[DONE]`,
		`{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e3}}`, `{"choices":[null],"usage":null}`,
	} {
		f.Add([]byte(s), true)
	}
	s := &Schema{Type: "object", Members: []Member{{"a", &Schema{Type: "array", Items: &Schema{Type: "string"}}}}}
	f.Fuzz(func(t *testing.T, data []byte, stream bool) {
		for _, w := range []wire{gemini{}, openai{}} {
			if p, err := w.read(data, stream); err == nil && (p.usage.In < 0 || p.usage.Out < 0) {
				t.Errorf("%s: %+v", data, p)
			}
		}
		if s.Check([]byte(unfence(string(data)))) == nil && !strings.Contains(string(data), "{") {
			t.Errorf("%q is taken for an object", data)
		}
	})
}
