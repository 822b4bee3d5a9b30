package pattern

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// errors are the messages of the user guide's examples of terms.
var errorLines = []string{"[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST", "[ERROR 419] MISSING ARGUMENTS", "[ERROR 420] INVALID ARGUMENTS", "[INFO] all is well"}

const (
	trail = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
		"objectList":[{"name":"a","enabled":true},{"id":2,"enabled":false}],"SomeObject":null,"ThisFlag":true,"errorCode":400,"latency":5.5e1,"message":"rpc error"}`
	access    = `127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 200 1534`
	notFound  = `127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /robots.txt HTTP/1.0" 404 5324`
	serverErr = `10.0.0.7 - mike [10/Oct/2000:13:50:35 -0700] "GET /index.html HTTP/1.0" 500 85`
)

// The examples that AWS documents, and their neighbours.
func TestDocumentedExamples(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		among   []string
		want    string // the numbers of those that pass
	}{
		{"", errorLines, "01234"},
		{`ERROR`, errorLines, "0123"},
		{`error`, errorLines, ""},
		{`ERROR ARGUMENTS`, errorLines, "23"},
		{`ERROR REQUEST`, errorLines, "01"},
		{`?ERROR ?ARGUMENTS`, errorLines, "0123"},
		{`?BAD ?INFO`, errorLines, "04"},
		{`?BAD ARGUMENTS`, errorLines, "23"}, // ? counts only alone
		{`"BAD REQUEST"`, errorLines, "0"},
		{`ERROR -ARGUMENTS`, errorLines, "01"},
		{`-ERROR`, errorLines, "4"},
		{`ERROR -"MISSING ARGUMENTS"`, errorLines, "013"},
		{`%ERROR 4[12]\d%`, errorLines, "23"},
		{`%UN.*ED% REQUEST`, errorLines, "1"},
		{`-%\d%`, errorLines, "4"},
		{`%\x5bINFO\x5d%`, errorLines, "4"},

		{`{ $.eventType = "UpdateTrail" }`, []string{trail, "UpdateTrail", `{"eventType":"DeleteTrail"}`}, "0"},
		{`{ $.sourceIPAddress != 123.123.* }`, []string{trail, `{"sourceIPAddress":"123.123.1.1"}`}, "0"},
		{`{ $.arrayKey[0] = "value" }`, []string{trail}, "0"},
		{`{ $.arrayKey[1] = "value" }`, []string{trail}, ""},
		{`{ $.arrayKey[*] = "another*" }`, []string{trail}, "0"},
		{`{ $.objectList[1].id = 2 }`, []string{trail}, "0"},
		{`{ $.SomeObject IS NULL }`, []string{trail, `{}`}, "0"},
		{`{ $.SomeOtherObject NOT EXISTS }`, []string{trail}, "0"},
		{`{ $.ThisFlag IS TRUE }`, []string{trail}, "0"},
		{`{ $.objectList[1].enabled IS FALSE }`, []string{trail}, "0"},
		{`{ $.eventType = %Trail% }`, []string{trail, `{"eventType":"Tail"}`}, "0"},
		{`{ $.eventType != %^Up.*Trail$% }`, []string{trail, `{"eventType":"Tail"}`}, "1"},
		{`{ $.errorCode = 400 && $.latency > 50 }`, []string{trail}, "0"},
		{`{ $.errorCode = 4* }`, []string{trail, `{"errorCode":"4x"}`, `{"errorCode":500}`}, "01"},
		{`{ $.latency = 55 }`, []string{trail}, "0"},
		{`{ $.latency >= 5.4e1 }`, []string{trail}, "0"},
		{`{ ($.eventType = "x" || $.errorCode < 401) && $.message = "*error" }`, []string{trail}, "0"},
		{`{ $.eventType = "x" || $.errorCode < 401 && $.message = "x" }`, []string{trail}, ""},
		{`{ $.message != "x" }`, []string{trail, `{}`, `{"message":null}`}, "0"},
		{`{ $['a.b'] = 1 && $.["c"] = 2 }`, []string{`{"a.b":1,"c":2}`}, "0"},
		{`{ $[0].a = 1 }`, []string{`[{"a":1}]`}, "0"},
		{`{ $.a = 1 }`, []string{`{"a":1} trailing`, `{"a":1`, ` {"a":1} `}, "2"},

		{`[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, []string{access, notFound, strings.Replace(notFound, ".txt", ".html", 1)}, "2"},
		{`[ip, user, username, timestamp, request, status_code, bytes > 1000]`, []string{access, notFound, serverErr}, "01"},
		{`[..., status_code = 4*, bytes]`, []string{access, notFound, serverErr}, "1"},
		{`[ip = 127*, ..., status_code = 2* || status_code = 5*, bytes]`, []string{access, notFound, serverErr}, "0"},
		{`[ip, ...]`, []string{access, "", "one"}, "02"},
		{`[ip != 10.*, user, ..., bytes < 2000 && bytes >= 85]`, []string{access, notFound, serverErr}, "0"},
		{`[ip=%127\.0\.0\.[1-9]%, ...]`, []string{access, serverErr}, "0"},
		{`[w1=ERROR, w2]`, []string{"ERROR here", "ERROR", "ERROR a b", "WARN here"}, "0"},
		{`[(w1=ERROR || w1=%WARN%) && w1 != WARNING, w2]`, []string{"ERROR here", "WARN x", "WARNING x"}, "01"},
		{`[,, third=x]`, []string{"a b x", "a b"}, "0"},
		{`[request="GET /index.html HTTP/1.0"]`, []string{`"GET /index.html HTTP/1.0"`}, "0"},
		{`[]`, []string{access, ""}, "01"},
	} {
		p, err := Parse(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		got := ""
		for i, message := range tt.among {
			if p.Match(message) {
				got += string(rune('0' + i))
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q pass, want %q", tt.pattern, got, tt.want)
		}
	}
}

func TestFaults(t *testing.T) {
	const invalid = "Invalid filter pattern"
	for text, want := range map[string]string{
		`user@example.com`:       "Invalid character(s) in term 'user@example.com'",
		`a -`:                    "Invalid character(s) in term '-'",
		`"open`:                  `Invalid character(s) in term '"open'`,
		`""`:                     `Invalid character(s) in term '""'`,
		`"a"b`:                   `Invalid character(s) in term '"a"b'`,
		`%a(b)%`:                 "Invalid character(s) in term '%a(b)%'",
		`%something!%`:           "Invalid character(s) in term '%something!%'",
		`%a`:                     "Invalid character(s) in term '%a'",
		`%[%`:                    "Invalid character(s) in term '%[%'",
		`%a% %b% %c%`:            invalid,
		`{ $.a = 1`:              "If a filter pattern starts with '{' it must end with '}'",
		`{}`:                     invalid,
		`{ a = 1 }`:              invalid,
		`{ $ = 1 }`:              invalid,
		`{ $.a }`:                invalid,
		`{ $.a = }`:              invalid,
		`{ $.a > x }`:            invalid,
		`{ $.a > %x% }`:          invalid,
		`{ $.a IS NOTHING }`:     invalid,
		`{ $.a NOT NULL }`:       invalid,
		`{ ($.a = 1 }`:           invalid,
		`{ $.a = 1 && }`:         invalid,
		`{ $.a = 1 $.b = 2 }`:    invalid,
		`{ $.a[x] = 1 }`:         invalid,
		`{ $.a[-1] = 1 }`:        invalid,
		`{ $.a = 1 } }`:          invalid,
		`[a`:                     invalid,
		`[a, ..., b, ...]`:       invalid,
		`[a b]`:                  invalid,
		`[a > x]`:                invalid,
		`[a = 1 && b = 2]`:       invalid,
		`[a = 1`:                 invalid,
		`{ $.a = "x }`:           `Invalid character(s) in term '"x }'`,
		`[ip, bytes > 1000 && ]`: invalid,
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		pattern, message string
		want             map[string]string
	}{
		{`[]`, access, map[string]string{"$1": "127.0.0.1", "$2": "-", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700", "$5": "GET /index.html HTTP/1.0", "$6": "200", "$7": "1534"}},
		{`[..., status = 2*, size]`, access, map[string]string{"$1": "127.0.0.1", "$2": "-", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700", "$5": "GET /index.html HTTP/1.0", "$status": "200", "$size": "1534"}},
		{`{ $.eventType = "UpdateTrail" && $.arrayKey[1] = a* }`, trail, map[string]string{"$.eventType": "UpdateTrail", "$.arrayKey[1]": "another value"}},
		{`{ $.SomeObject IS NULL || $.none = 1 }`, trail, map[string]string{}},
		{`Update`, trail, map[string]string{}},
	} {
		p, err := Parse(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		m, ok := p.Find(tt.message)
		if !ok {
			t.Errorf("%s: no match", tt.pattern)
		}
		if diff := cmp.Diff(tt.want, p.Values(m)); diff != "" {
			t.Errorf("%s: values (-want +got):\n%s", tt.pattern, diff)
		}
	}
}

func TestValue(t *testing.T) {
	for _, tt := range []struct{ pattern, message, selector, want string }{
		{`{ $.errorCode = 400 }`, trail, "$.latency", "5.5e1"},
		{`{ $.errorCode = 400 }`, trail, "$.objectList[1].id", "2"},
		{`{ $.errorCode = 400 }`, trail, "$.SomeObject", ""},
		{`{ $.errorCode = 400 }`, trail, "$bytes", ""},
		{`[..., bytes]`, access, "$bytes", "1534"},
		{`[..., bytes]`, access, "$7", "1534"},
		{`[..., bytes]`, access, "$none", ""},
		{`GET`, access, "$.a", ""},
	} {
		p, _ := Parse(tt.pattern)
		m, _ := p.Find(tt.message)
		if got, ok := m.Value(tt.selector); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s of %s: %q, %v", tt.selector, tt.pattern, got, ok)
		}
	}
}

// like agrees with a plain recursive reading of "*".
func TestLike(t *testing.T) {
	var plain func(pattern, text string) bool
	plain = func(pattern, text string) bool {
		switch {
		case pattern == "":
			return text == ""
		case pattern[0] == '*':
			return plain(pattern[1:], text) || text != "" && plain(pattern, text[1:])
		}
		return text != "" && pattern[0] == text[0] && plain(pattern[1:], text[1:])
	}
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("ab*")), 0, 8, -1)
	texts := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 10, -1)
	rapid.Check(t, func(r *rapid.T) {
		pattern, text := letters.Draw(r, "pattern"), texts.Draw(r, "text")
		if got := like(pattern, text); got != plain(pattern, text) {
			r.Fatalf("like(%q, %q) = %v", pattern, text, got)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`a -b ?"c d" %e%`, `{ $.a[0].b = "x*" && ($.n > 3 || $.q IS NULL) }`, `[ip, ..., s=4* || s=%5%, bytes>1000]`, `{ $['a'] NOT EXISTS }`} {
		f.Add(seed, trail)
		f.Add(seed, access)
	}
	f.Fuzz(func(t *testing.T, text, message string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		if m, ok := p.Find(message); ok {
			for selector := range p.Values(m) {
				if _, ok := m.Value(selector); !ok {
					t.Errorf("%q of %q: no value of %s", text, message, selector)
				}
			}
		}
	})
}
