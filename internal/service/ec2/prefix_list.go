package ec2

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"apex/internal/arn"
	"apex/internal/dataplane/vnet"
	"apex/internal/store"
)

// A PrefixList is a list of address blocks that rules and routes name by its id.
type PrefixList struct {
	Key  string
	Spec PrefixListSpec
}

// ID returns "pl-…".
func (l PrefixList) ID() string { return idOf(l.Key) }

// PrefixListSpec is what the caller asked for.
type PrefixListSpec struct {
	Name     string
	Family   string // "IPv4" or "IPv6"
	Max      int64
	Versions []PrefixVersion // the last is the current one
	State    string
}

// A PrefixVersion is what a list held after one change.
type PrefixVersion struct {
	Number  int64
	Entries []PrefixEntry
}

// A PrefixEntry is one block of a prefix list.
type PrefixEntry struct{ CIDR, Description string }

func (s PrefixListSpec) current() PrefixVersion { return s.Versions[len(s.Versions)-1] }

// managedFor is the owner of the lists that the region gives.
const managedFor = "AWS"

// A managedList is a prefix list that the region gives.
type managedList struct {
	id, name string
	block    string
}

// managedLists are the lists that every scope has. S3 and DynamoDB are reached
// where a VPC's router answers for the region; requests of CloudFront's come from
// this machine itself.
func managedLists(scope arn.Scope) []managedList {
	endpoint := netip.PrefixFrom(vnet.EndpointAddress.Addr(), 32).String()
	lists := []managedList{
		{name: gatewayService(scope, "s3"), block: endpoint},
		{name: gatewayService(scope, "dynamodb"), block: endpoint},
		{name: "com.amazonaws.global.cloudfront.origin-facing", block: "127.0.0.1/32"},
	}
	for i := range lists {
		lists[i].id = "pl-" + shortHash(scope.Region + " " + lists[i].name)[:8]
	}
	slices.SortFunc(lists, func(a, b managedList) int {
		return strings.Compare(a.id, b.id)
	})
	return lists
}

// shortHash makes a name into an id that is always the same.
func shortHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:9])[:17]
}

func gatewayService(scope arn.Scope, name string) string {
	return "com.amazonaws." + scope.Region + "." + name
}

// findManaged finds a list of the region's by its id or name.
func findManaged(scope arn.Scope, idOrName string) (managedList, bool) {
	all := managedLists(scope)
	i := slices.IndexFunc(all, func(l managedList) bool { return l.id == idOrName || l.name == idOrName })
	if i < 0 {
		return managedList{}, false
	}
	return all[i], true
}

// blocksOf returns the IPv4 blocks of a prefix list; a list that is gone has none.
func blocksOf(r store.Reader, scope arn.Scope, id string) []netip.Prefix {
	var texts []string
	if l, ok := PrefixLists.Get(r, scope.Key(id)); ok {
		for _, e := range l.Spec.current().Entries {
			texts = append(texts, e.CIDR)
		}
	} else if l, ok := findManaged(scope, id); ok {
		texts = append(texts, l.block)
	}
	var blocks []netip.Prefix
	for _, text := range texts {
		if p, err := netip.ParsePrefix(text); err == nil && p.Addr().Is4() {
			blocks = append(blocks, p)
		}
	}
	return blocks
}
