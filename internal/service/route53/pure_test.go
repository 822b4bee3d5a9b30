package route53

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"Example.COM":                  "example.com.",
		"example.com.":                 "example.com.",
		"*.example.com":                `\052.example.com.`,
		`\052.example.com`:             `\052.example.com.`,
		"_dmarc.example.com":           "_dmarc.example.com.",
		"a@b.example":                  `a\100b.example.`,
		"":                             "",
		".":                            "",
		"a..b":                         "",
		".a":                           "",
		"a b.c":                        "",
		`a\9.b`:                        "",
		`a\999.b`:                      "",
		"ä.b":                          "",
		strings.Repeat("a", 64) + ".b": "",
		strings.Repeat("a", 63) + ".b": strings.Repeat("a", 63) + ".b.",
		strings.Repeat(strings.Repeat("a", 50)+".", 6): "",
	} {
		got, err := canonical(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("canonical(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
}

// FuzzCanonical: what is canonical stays as it is, and a resolver can have it.
func FuzzCanonical(f *testing.F) {
	f.Add(`*.a-b_c\052\000.Example`)
	f.Fuzz(func(t *testing.T, name string) {
		once, err := canonical(name)
		if err != nil {
			return
		}
		if twice, err := canonical(once); err != nil || twice != once {
			t.Errorf("%q became %q, then %q, %v", name, once, twice, err)
		}
		if strings.Contains(once, " ") || wire(once) == "" || !strings.HasSuffix(reversed(once), ".") {
			t.Errorf("%q became %q", name, once)
		}
	})
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		kind, value string
		good        bool
	}{
		{"A", "192.0.2.1", true},
		{"A", "2001:db8::1", false},
		{"AAAA", "2001:db8::1", true},
		{"AAAA", "fe80::1%eth0", false},
		{"AAAA", "192.0.2.1", false},
		{"MX", "10 mail.example.com", true},
		{"MX", "mail.example.com", false},
		{"MX", "70000 mail.example.com", false},
		{"TXT", `"v=spf1 -all"`, true},
		{"TXT", `"a" "b"`, true},
		{"TXT", `"a\"b\040"`, true},
		{"TXT", `a`, false},
		{"TXT", `"a`, false},
		{"TXT", `""`, true},
		{"TXT", "", false},
		{"TXT", `"` + strings.Repeat("a", 256) + `"`, false},
		{"TXT", `"` + strings.Repeat("a", 255) + `" "` + strings.Repeat("b", 255) + `"`, true},
		{"SRV", "1 10 5269 xmpp.example.com.", true},
		{"SRV", "1 10 xmpp.example.com.", false},
		{"CAA", `0 issue "amazon.com"`, true},
		{"CAA", `0 issue amazon.com`, false},
		{"NAPTR", `100 10 "U" "E2U+sip" "!^.*$!sip:a@example.com!" .`, true},
		{"NAPTR", `100 10`, false},
		{"DS", "12345 3 1 123456789abcdef67890123456789abcdef67890", true},
		{"DS", "12345 3 1 xyz", false},
		{"CNAME", "target.example.com", true},
		{"CNAME", "a..b", false},
		{"SOA", "ns.example.com. admin.example.com. 1 2 3 4 5", true},
		{"SOA", "ns.example.com. admin.example.com. 1 2 3", false},
		{"HTTPS", `1 . alpn="h2"`, true},
		{"SSHFP", "1 1 67890abcdef", false},
		{"TLSA", "3 1 1 abcd", true},
		{"NONE", "x", false},
	} {
		if err := checkValue(tt.kind, tt.value); (err == nil) != tt.good {
			t.Errorf("%s %s: %v", tt.kind, tt.value, err)
		}
	}
}

// FuzzValue: a value that is taken is one that the resolver can give.
func FuzzValue(f *testing.F) {
	for kind, value := range map[string]string{"TXT": `"a\"\101" "b"`, "MX": "10 a.b", "NAPTR": `1 1 "u" "s" "r" .`, "CAA": `0 issue "x"`} {
		f.Add(kind, value)
	}
	f.Fuzz(func(t *testing.T, kind, value string) {
		if checkValue(kind, value) == nil && kind == "TXT" {
			r := &route53api.ResourceRecordSet{Type: &kind, ResourceRecords: []route53api.ResourceRecord{{Value: &value}}}
			if len(lines(r)) != 1 {
				t.Errorf("%q has no line", value)
			}
		}
	})
}

// set is a record set for choosing: "p" and "s" are failover, digits weights,
// "us-east-1" a region, "EU//" a location, "" simple; its identifier is it all.
func set(word string) route53api.ResourceRecordSet {
	r := route53api.ResourceRecordSet{Name: api.Ptr("a."), Type: api.Ptr("A"), SetIdentifier: &word}
	policy, _, _ := strings.Cut(word, " ")
	switch {
	case policy == "p":
		r.Failover = api.Ptr("PRIMARY")
	case policy == "s":
		r.Failover = api.Ptr("SECONDARY")
	case policy != "" && strings.Trim(policy, "0123456789") == "":
		var n int64
		for _, d := range policy {
			n = n*10 + int64(d-'0')
		}
		r.Weight = &n
	case strings.Contains(policy, "/"):
		parts := strings.Split(policy, "/")
		r.GeoLocation = &route53api.GeoLocation{ContinentCode: optional(parts[0]), CountryCode: optional(parts[1]), SubdivisionCode: optional(parts[2])}
	case policy != "":
		r.Region = &policy
	}
	return r
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func TestChoose(t *testing.T) {
	for name, tt := range map[string]struct {
		sets, ill string // by identifier, separated by commas
		region    string
		want      string
	}{
		"simple":                       {"", "", "us-east-1", ""},
		"primary is well":              {"p,s", "", "us-east-1", "p"},
		"primary is ill":               {"p,s", "p", "us-east-1", "s"},
		"all are ill":                  {"p,s", "p,s", "us-east-1", "p"},
		"secondary alone":              {"s", "", "us-east-1", "s"},
		"weights":                      {"1 a,2 b", "", "us-east-1", "1 a,2 b"},
		"weight nought waits":          {"0 a,2 b", "", "us-east-1", "2 b"},
		"weight nought steps in":       {"0 a,2 b", "2 b", "us-east-1", "0 a"},
		"all weigh nought":             {"0 a,0 b", "", "us-east-1", "0 a,0 b"},
		"all weights ill":              {"1 a,2 b", "1 a,2 b", "us-east-1", "1 a,2 b"},
		"own region":                   {"eu-west-1,us-east-1,us-west-2", "", "us-east-1", "us-east-1"},
		"own region ill":               {"eu-west-1,us-east-1,us-west-2", "us-east-1", "us-east-1", "us-west-2"},
		"far region":                   {"eu-west-1", "", "us-east-1", "eu-west-1"},
		"state before country":         {"/US/,/US/VA,NA//,/*/", "", "us-east-1", "/US/VA"},
		"country before continent":     {"/US/,/US/CA,NA//,/*/", "", "us-east-1", "/US/"},
		"ill country leaves continent": {"/US/,NA//,/*/", "/US/", "us-east-1", "NA//"},
		"elsewhere":                    {"/US/,NA//,/*/", "", "eu-west-1", "/*/"},
		"nowhere":                      {"/US/,NA//", "", "eu-west-1", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			var sets []route53api.ResourceRecordSet
			for word := range strings.SplitSeq(tt.sets, ",") {
				sets = append(sets, set(word))
			}
			ill := strings.Split(tt.ill, ",")
			got := []string{}
			for _, r := range choose(sets, tt.region, func(r *route53api.ResourceRecordSet) bool {
				return tt.ill == "" || !slices.Contains(ill, *r.SetIdentifier)
			}) {
				got = append(got, *r.SetIdentifier)
			}
			if len(got) == 0 {
				got = []string{"none"}
			}
			if strings.Join(got, ",") != tt.want {
				t.Errorf("chose %q, want %q", got, tt.want)
			}
		})
	}
}

// TestChooseIsNeverIll: an ill record set is given only if all are, or the place
// has no other.
func TestChooseIsNeverIll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1 a", "2 b", "3 c", "0 d"}), 1, 4, rapid.ID).Draw(t, "sets")
		ill := rapid.SliceOfDistinct(rapid.SampledFrom(words), rapid.ID).Draw(t, "ill")
		var sets []route53api.ResourceRecordSet
		for _, w := range words {
			sets = append(sets, set(w))
		}
		chosen := choose(sets, "us-east-1", func(r *route53api.ResourceRecordSet) bool { return !slices.Contains(ill, *r.SetIdentifier) })
		if len(chosen) == 0 {
			t.Fatal("nothing chosen")
		}
		for _, r := range chosen {
			if slices.Contains(ill, *r.SetIdentifier) && len(ill) < len(words) {
				t.Fatalf("chose %s, ill are %v of %v", *r.SetIdentifier, ill, words)
			}
		}
	})
}
