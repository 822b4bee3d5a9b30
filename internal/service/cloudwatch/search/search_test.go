package search_test

import (
	"strings"
	"testing"

	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch/search"
)

var all = []series.ID{
	series.NewID("s", "AWS/ECS", "CPUUtilization", "ClusterName", "apexai", "ServiceName", "server"),
	series.NewID("s", "AWS/ECS", "MemoryUtilization", "ClusterName", "apexai", "ServiceName", "studio-web"),
	series.NewID("s", "AWS/ECS", "CPUUtilization", "ClusterName", "apexai"),
	series.NewID("s", "AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "db"),
}

func TestMatches(t *testing.T) {
	for text, want := range map[string]string{
		`{AWS/ECS,ClusterName,ServiceName}`:                  "01",
		`{AWS/ECS, ServiceName ,ClusterName} CPUUtilization`: "0",
		`{AWS/ECS,ClusterName}`:                              "2",
		`{"AWS/RDS",DBInstanceIdentifier}`:                   "3",
		`cpu`:                                                "023",
		`MetricName="CPUUtilization"`:                        "023",
		`MetricName="cpu"`:                                   "",
		`utilization NOT server`:                             "123",
		`server OR studio`:                                   "01",
		`Namespace="AWS/RDS" OR ServiceName=server`:          "03",
		`ServiceName=("server" OR "studio-web")`:             "01",
		`{AWS/ECS,ClusterName,ServiceName} (cpu OR memory) AND NOT studio`: "0",
		`MetricName="CPUUtilization" AND Namespace=ecs`:                    "02",
		`web`:     "1",
		`nothing`: "",
	} {
		q, err := search.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := ""
		for i, id := range all {
			if q.Matches(id) {
				got += string(rune('0' + i))
			}
		}
		if got != want {
			t.Errorf("%s finds %q, want %q", text, got, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, text := range []string{"", "{", "{AWS/ECS", "{AWS/ECS,}", "cpu OR", "(cpu", `"cpu`, "NOT", "cpu)", "A=", strings.Repeat("(", 200), strings.Repeat("x", 2000)} {
		if _, err := search.Parse(text); err == nil {
			t.Errorf("%.20q was read", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{AWS/ECS,ClusterName} MetricName="x" (a OR NOT b) C=(d "e")`)
	f.Fuzz(func(t *testing.T, text string) {
		if q, err := search.Parse(text); err == nil {
			for _, id := range all {
				q.Matches(id)
			}
		}
	})
}
