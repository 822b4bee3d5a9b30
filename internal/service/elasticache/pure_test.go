package elasticache

import (
	"slices"
	"strings"
	"testing"
	"time"

	"apex/internal/arn"
)

func TestCatalogue(t *testing.T) {
	all := catalogue()
	if !slices.IsSortedFunc(all, func(a, b parameter) int { return strings.Compare(a.name, b.name) }) {
		t.Error("the catalogue is not in order, which paging needs")
	}
	for _, p := range all {
		if p.preset != "" {
			if err := p.check(p.preset); err != nil {
				t.Errorf("its own preset is refused: %v", err)
			}
		}
	}
	if !slices.IsSortedFunc(nodeTypes, func(a, b nodeType) int { return strings.Compare(a.name, b.name) }) {
		t.Error("the node types are not in order")
	}
}

func TestSettingsOf(t *testing.T) {
	settings, memory := settingsOf(map[string]string{"maxmemory-policy": "noeviction", "reserved-memory-percent": "50", "databases": "4"}, 1000*mib)
	if settings["maxmemory-policy"] != "noeviction" || memory != 500*mib {
		t.Errorf("policy %s, memory %d", settings["maxmemory-policy"], memory)
	}
	if _, ok := settings["databases"]; ok {
		t.Error("a kept parameter reaches the server")
	}
}

func TestNames(t *testing.T) {
	scope := arn.Scope{Account: "000000000000", Region: "eu-central-1"}
	label := accountLabel(scope)
	for name, tt := range map[string]struct {
		cache Cache
		want  []string
	}{
		"encrypted group": {Cache{Key: cacheKey(scope, kindGroup, "main"), Spec: CacheSpec{Settings: Settings{TransitEncryption: true}}}, []string{
			"master.main." + label + ".euc1.cache.amazonaws.com", "replica.main." + label + ".euc1.cache.amazonaws.com",
			"main-001.main." + label + ".euc1.cache.amazonaws.com", "main-002.main." + label + ".euc1.cache.amazonaws.com",
		}},
		"plain group": {Cache{Key: cacheKey(scope, kindGroup, "main")}, []string{
			"main." + label + ".ng.0001.euc1.cache.amazonaws.com", "main-ro." + label + ".ng.0001.euc1.cache.amazonaws.com",
			"main-001." + label + ".0001.euc1.cache.amazonaws.com", "main-002." + label + ".0001.euc1.cache.amazonaws.com",
		}},
		"cluster": {Cache{Key: cacheKey(scope, kindCluster, "main")}, []string{"main." + label + ".0001.euc1.cache.amazonaws.com"}},
	} {
		if got := namesOf(tt.cache).all(2); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestShortRegion(t *testing.T) {
	for region, want := range map[string]string{"us-east-1": "use1", "ap-southeast-2": "apse2", "ap-northeast-1": "apne1", "us-gov-west-1": "usgovw1"} {
		if got := shortRegion(region); got != want {
			t.Errorf("%s is %s, want %s", region, got, want)
		}
	}
}

func TestPending(t *testing.T) {
	monday := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	tuesday := monday.AddDate(0, 0, 1)
	spec := CacheSpec{Sizing: Sizing{NodeType: "small"}, Settings: Settings{MaintenanceWindow: "mon:05:00-mon:07:00"}}
	spec.resize(Sizing{NodeType: "large"}, false, tuesday)
	if now := spec.at(tuesday.Add(time.Hour)); now.NodeType != "small" || now.wanted().NodeType != "large" {
		t.Errorf("before the window: %+v", now)
	}
	if then := spec.at(monday.AddDate(0, 0, 7)); then.NodeType != "large" || then.Change != 1 || !then.PendingAt.IsZero() {
		t.Errorf("in the window: %+v", then)
	}
	spec.resize(Sizing{NodeType: "small"}, false, tuesday)
	if !spec.PendingAt.IsZero() {
		t.Error("taking the change back leaves something pending")
	}
}
