package ec2

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"apex/internal/dataplane/vnet"
)

// Security groups let everything pass here: what does not is the ACLs' doing. They
// keep no state, so that answers need a rule of their own, and lower numbers win.
func TestNetworkACLsJudgePackets(t *testing.T) {
	b := newWorld(t, webServer, firstEIP, secondEIP)
	b.serve(b.uplink(), webServer+":443")
	vpc := b.vpc("10.0.0.0/16")
	public, private := b.subnet(vpc, "10.0.0.0/24", "us-east-1a"), b.subnet(vpc, "10.0.10.0/24", "us-east-1a")
	gateway := b.gateway(vpc)
	b.routed(vpc, gateway, public)
	open := b.group(vpc, "open")
	b.admit(open, 80, "0.0.0.0/0")
	web := b.iface(InterfaceSpec{SubnetID: private, GroupIDs: []string{open}, Requester: "ecs"})
	neighbour := b.iface(InterfaceSpec{SubnetID: private, GroupIDs: []string{open}, Requester: "ecs"})
	client := b.iface(InterfaceSpec{SubnetID: public, GroupIDs: []string{open}, Requester: "ecs", PublicIP: true})
	for _, i := range []NetworkInterface{web, client} {
		b.serve(i.Status.Namespace, netip.AddrPortFrom(i.Spec.PrivateIP, 80).String())
	}
	acl := b.acl(vpc)
	b.guard(acl, private)
	reaches := func(from, to NetworkInterface) func() bool {
		return func() bool {
			return b.answer(vnet.DialerIn(from.Status.Namespace), netip.AddrPortFrom(to.Spec.PrivateIP, 80).String()) != ""
		}
	}
	fromInside, fromNeighbour := reaches(client, web), reaches(neighbour, web)
	for _, step := range []struct {
		what  string
		do    func()
		reach bool
	}{
		{"an ACL without entries", func() {}, false},
		{"an entry for the question alone", func() { b.entry(acl, 100, false, true, "10.0.0.0/24", 80, 80) }, false},
		{"an entry for the answer too", func() { b.entry(acl, 100, true, true, "10.0.0.0/24", 1024, 65535) }, true},
		{"a refusal of a lower number", func() { b.entry(acl, 90, false, false, "10.0.0.0/16", 0, 65535) }, false},
		{"the refusal gone", func() { b.noEntry(acl, 90, false) }, true},
	} {
		step.do()
		b.awaitNetwork(vpc)
		if got := fromInside(); got != step.reach {
			t.Errorf("%s: another subnet's packets pass: %v, want %v", step.what, got, step.reach)
		}
		if !fromNeighbour() {
			t.Errorf("%s: the subnet's own packets do not pass", step.what)
		}
	}
	outward := b.acl(vpc)
	b.guard(outward, public)
	b.entry(outward, 1, false, true, visitorBlock, 80, 80)
	b.entry(outward, 1, true, true, visitorBlock, 1024, 65535)
	b.awaitNetwork(vpc)
	outside := vnet.DialerFromOutside(b.env.Hash, vpc, netip.MustParseAddrPort(visitor))
	if got := b.answer(outside, netip.AddrPortFrom(client.Spec.PrivateIP, 80).String()); got == "" {
		t.Error("the internet's packets do not pass an ACL that admits them")
	}
	if got := b.answer(vnet.DialerIn(client.Status.Namespace), webServer+":443"); got != "" {
		t.Error("packets to the internet pass an ACL that does not admit them")
	}
	b.entry(outward, 2, true, true, "0.0.0.0/0", 443, 443)
	b.entry(outward, 2, false, true, webServer+"/32", 1024, 65535)
	b.awaitNetwork(vpc)
	if got := b.answer(vnet.DialerIn(client.Status.Namespace), webServer+":443"); got == "" {
		t.Error("packets to the internet do not pass an ACL that admits them both ways")
	}
}

const visitorBlock = "203.0.113.7/32"

// acl makes a network ACL without entries.
func (b *bench) acl(vpc string) string {
	b.Helper()
	out, err := b.CreateNetworkAcl(b.Context(), &sdk.CreateNetworkAclInput{VpcId: &vpc})
	check(b, err)
	return *out.NetworkAcl.NetworkAclId
}

// guard gives a subnet an ACL.
func (b *bench) guard(acl, subnet string) {
	b.Helper()
	out, err := b.DescribeNetworkAcls(b.Context(), &sdk.DescribeNetworkAclsInput{Filters: []types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{subnet}}}})
	check(b, err)
	for _, a := range out.NetworkAcls[0].Associations {
		if *a.SubnetId == subnet {
			_, err = b.ReplaceNetworkAclAssociation(b.Context(), &sdk.ReplaceNetworkAclAssociationInput{AssociationId: a.NetworkAclAssociationId, NetworkAclId: &acl})
			check(b, err)
		}
	}
}

// entry adds a TCP entry to an ACL.
func (b *bench) entry(acl string, number int32, egress, allow bool, block string, from, to int32) {
	b.Helper()
	_, err := b.CreateNetworkAclEntry(b.Context(), &sdk.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: &number, Egress: &egress, Protocol: aws.String("tcp"), CidrBlock: &block,
		RuleAction: map[bool]types.RuleAction{true: types.RuleActionAllow, false: types.RuleActionDeny}[allow], PortRange: &types.PortRange{From: &from, To: &to},
	})
	check(b, err)
}

func (b *bench) noEntry(acl string, number int32, egress bool) {
	b.Helper()
	_, err := b.DeleteNetworkAclEntry(b.Context(), &sdk.DeleteNetworkAclEntryInput{NetworkAclId: &acl, RuleNumber: &number, Egress: &egress})
	check(b, err)
}
