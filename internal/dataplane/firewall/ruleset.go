package firewall

import (
	"net/netip"
	"strings"
)

// tableName is the nftables table that holds a VPC's rules.
const tableName = "apex"

// A ruleset is the wanted state of the table.
type ruleset struct {
	sets   map[string]set
	chains map[string]chain
}

// A kind is the type of a set's elements.
type kind string

const (
	addresses kind = "ipv4_addr"
	sources   kind = "ifname . ipv4_addr"
	endpoints kind = "ipv4_addr . inet_proto . inet_service"
	verdicts  kind = "ipv4_addr : verdict" // a map from an address to a chain
)

type set struct {
	kind     kind
	elements map[string]element // by text
}

type element struct {
	text string // "10.0.0.4", as nft writes it
	key  []byte // as the kernel has it
	jump string // in a verdict map: the chain
}

func (e element) String() string {
	if e.jump == "" {
		return e.text
	}
	return e.text + " : jump " + e.jump
}

// A hook attaches a chain to the packet path; the empty hook does not.
type hook string

const (
	prerouting hook = "type filter hook prerouting priority mangle; policy drop;"
	output     hook = "type filter hook output priority filter; policy drop;"
)

type chain struct {
	hook  hook
	lines []line
}

// A line is one rule of a chain: matches, and last what to do.
type line []statement

func (l line) String() string {
	words := make([]string, len(l))
	for i, s := range l {
		words[i] = s.String()
	}
	return strings.Join(words, " ")
}

func (s set) add(e element) { s.elements[e.text] = e }

func addressElement(a netip.Addr, jump string) element {
	raw := a.As4()
	return element{text: a.String(), key: raw[:], jump: jump}
}

// chainName makes an id safe as an nftables identifier.
func chainName(prefix, id string) string {
	return prefix + "_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, id)
}
