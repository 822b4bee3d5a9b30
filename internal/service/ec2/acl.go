package ec2

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/dataplane/firewall"
)

// An ACLEntry admits or refuses one kind of packets. Exactly one of CIDR and
// CIDR6 is set.
type ACLEntry struct {
	Number   int64
	Egress   bool
	Allow    bool
	Protocol string // a number, or "-1" for all
	CIDR     string
	CIDR6    string
	From, To int64 // ports, or the ICMP type and code; -1 is all
}

// The numbers of an ACL's entries: the last ones are AWS's own.
const (
	firstEntry   = 1
	lastEntry    = 32766
	closingEntry = 32767
	openingEntry = 100 // of a default ACL
)

// maxEntries is AWS's default quota for each direction of an ACL.
const maxEntries = 20

// openEntries are those of a default ACL: everything passes.
func openEntries() []ACLEntry {
	all := ACLEntry{Number: openingEntry, Allow: true, Protocol: "-1", CIDR: "0.0.0.0/0", From: -1, To: -1}
	out := all
	out.Egress = true
	return []ACLEntry{all, out}
}

func (s NetworkACLSpec) entries() []ACLEntry {
	if s.Entries == nil && s.Default {
		return openEntries()
	}
	return s.Entries
}

func byNumber(a, b ACLEntry) int { return cmp.Compare(a.Number, b.Number) }

// entryOf reads an entry from a request.
func entryOf(in *ec2api.CreateNetworkAclEntryRequest) (ACLEntry, error) {
	e := ACLEntry{Number: api.Val(in.RuleNumber), Egress: api.Val(in.Egress), Allow: api.Val(in.RuleAction) == ec2api.RuleActionAllow, From: -1, To: -1}
	if e.Number < firstEntry || e.Number > lastEntry {
		return e, invalidValue("Invalid value '%d' for ruleNumber. Valid values are %d to %d.", e.Number, firstEntry, lastEntry)
	}
	if (in.CidrBlock == nil) == (in.Ipv6CidrBlock == nil) {
		return e, api.Invalid("MissingParameter", "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided")
	}
	block, err := GroupRule{}.block(api.Or(in.CidrBlock, api.Val(in.Ipv6CidrBlock)), in.Ipv6CidrBlock != nil)
	if err != nil {
		return e, err
	}
	e.CIDR, e.CIDR6 = block.CIDR, block.CIDR6
	if e.Protocol, err = protocolNumber(api.Val(in.Protocol)); err != nil {
		return e, err
	}
	return e.limited(in.PortRange, in.IcmpTypeCode)
}

// limited takes over the ports, or the ICMP type and code, where the protocol
// has some.
func (e ACLEntry) limited(ports *ec2api.PortRange, icmp *ec2api.IcmpTypeCode) (ACLEntry, error) {
	switch e.Protocol {
	case "6", "17":
		if ports == nil || ports.From == nil || ports.To == nil {
			return e, api.Invalid("MissingParameter", "The request must contain the parameter portRange for the protocol %s", e.Protocol)
		}
		e.From, e.To = *ports.From, *ports.To
		if e.From < 0 || e.To > 65535 || e.From > e.To {
			return e, invalidValue("Invalid TCP/UDP port range (%d:%d)", e.From, e.To)
		}
	case "1", "58":
		if icmp != nil {
			e.From, e.To = api.Or(icmp.Type, -1), api.Or(icmp.Code, -1)
		}
		if e.From < -1 || e.From > 255 || e.To < -1 || e.To > 255 {
			return e, invalidValue("Invalid ICMP type/code (%d:%d)", e.From, e.To)
		}
	}
	return e, nil
}

// protocolNumber returns a protocol as ACLs have it: by its number.
func protocolNumber(text string) (string, error) {
	name, err := normalProtocol(text)
	if err != nil {
		return "", err
	}
	for number, known := range protocols {
		if known == name && known != "-1" {
			return number, nil
		}
	}
	return name, nil
}

func (e ACLEntry) show() ec2api.NetworkAclEntry {
	out := ec2api.NetworkAclEntry{
		RuleNumber: &e.Number, Egress: &e.Egress, Protocol: &e.Protocol, RuleAction: api.Ptr(ec2api.RuleActionDeny),
	}
	if e.Allow {
		out.RuleAction = api.Ptr(ec2api.RuleActionAllow)
	}
	if e.CIDR != "" {
		out.CidrBlock = &e.CIDR
	} else {
		out.Ipv6CidrBlock = &e.CIDR6
	}
	switch e.Protocol {
	case "6", "17":
		out.PortRange = &ec2api.PortRange{From: &e.From, To: &e.To}
	case "1", "58":
		out.IcmpTypeCode = &ec2api.IcmpTypeCode{Type: &e.From, Code: &e.To}
	}
	return out
}

// planACL is the ACL as the firewall has it. Entries about IPv6 are left out:
// there is no IPv6 in a VPC.
func planACL(a NetworkACL) firewall.ACL {
	out := firewall.ACL{ID: a.ID()}
	for _, e := range slices.SortedFunc(slices.Values(a.Spec.entries()), byNumber) {
		block, err := netip.ParsePrefix(e.CIDR)
		number, fault := strconv.Atoi(e.Protocol)
		if err != nil || fault != nil {
			continue
		}
		rule := firewall.ACLRule{Allow: e.Allow, Rule: firewall.Rule{
			Protocol: firewall.Protocol(number), From: int(e.From), To: int(e.To), Peer: block,
		}}
		if e.Egress {
			out.Egress = append(out.Egress, rule)
		} else {
			out.Ingress = append(out.Ingress, rule)
		}
	}
	return out
}
