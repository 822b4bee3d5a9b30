package ec2

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet"
	"apex/internal/store"
)

// rows is a VPC with a public subnet, a private one and an isolated one.
func rows(tx *store.Tx) {
	p := netip.MustParsePrefix
	VPCs.Put(tx, VPC{Key: scope.Key("vpc-1"), Spec: VPCSpec{Blocks: []Block{{"a", p("10.0.0.0/16")}}, DNSSupport: true}})
	for id, block := range map[string]string{"subnet-public": "10.0.0.0/24", "subnet-private": "10.0.10.0/24", "subnet-isolated": "10.0.20.0/24"} {
		Subnets.Put(tx, Subnet{Key: scope.Key(id), Spec: SubnetSpec{VPCID: "vpc-1", CIDR: p(block)}})
	}
	RouteTables.Put(tx, RouteTable{Key: scope.Key("rtb-main"), Spec: RouteTableSpec{VPCID: "vpc-1", MainAssociation: "m"}})
	RouteTables.Put(tx, RouteTable{Key: scope.Key("rtb-public"), Spec: RouteTableSpec{
		VPCID: "vpc-1", Associations: []Association{{"x", "subnet-public"}}, Routes: []Route{{Destination: p("0.0.0.0/0"), Target: "igw-1"}},
	}})
	RouteTables.Put(tx, RouteTable{Key: scope.Key("rtb-private"), Spec: RouteTableSpec{
		VPCID: "vpc-1", Associations: []Association{{"y", "subnet-private"}}, Routes: []Route{{Destination: p("0.0.0.0/0"), Target: "nat-1"}, {Destination: p("1.0.0.0/8"), Target: "igw-gone"}},
	}})
	InternetGateways.Put(tx, InternetGateway{Key: scope.Key("igw-1"), Spec: InternetGatewaySpec{"vpc-1"}})
	NATGateways.Put(tx, NATGateway{Key: scope.Key("nat-1"), Spec: NATGatewaySpec{
		VPCID: "vpc-1", SubnetID: "subnet-public", PublicIP: netip.MustParseAddr("198.18.0.9"),
	}})
}

func TestRoutesFollowTheirGateways(t *testing.T) {
	everywhere, one := netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("1.0.0.0/8")
	out := vnet.Route{Destination: everywhere, Target: firewall.Internet}
	nat := vnet.Route{Destination: everywhere, Target: firewall.NAT, Source: netip.MustParseAddr("198.18.0.9")}
	gone := vnet.Route{Destination: one, Target: firewall.Blackhole}
	black := vnet.Route{Destination: everywhere, Target: firewall.Blackhole}
	for name, tt := range map[string]struct {
		change          func(*store.Tx)
		public, private []vnet.Route
	}{
		"as it should be": {func(*store.Tx) {}, []vnet.Route{out}, []vnet.Route{nat, gone}},
		"no internet gateway": {
			func(tx *store.Tx) { InternetGateways.Delete(tx, scope.Key("igw-1")) },
			[]vnet.Route{black},
			[]vnet.Route{black, gone}, // the NAT gateway has no way out either
		},
		"gateway of another VPC": {
			func(tx *store.Tx) {
				InternetGateways.Put(tx, InternetGateway{Key: scope.Key("igw-1"), Spec: InternetGatewaySpec{"vpc-2"}})
			},
			[]vnet.Route{black},
			[]vnet.Route{black, gone},
		},
		"NAT gateway deleted": {
			func(tx *store.Tx) { NATGateways.Delete(tx, scope.Key("nat-1")) },
			[]vnet.Route{out},
			[]vnet.Route{black, gone},
		},
		"NAT gateway in a private subnet": {
			func(tx *store.Tx) {
				NATGateways.Modify(tx, scope.Key("nat-1"), func(g *NATGateway) { g.Spec.SubnetID = "subnet-isolated" })
			},
			[]vnet.Route{out},
			[]vnet.Route{black, gone},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "")
			b.update(func(tx *store.Tx) error { rows(tx); tt.change(tx); return nil })
			snap := b.env.Store.Snapshot()
			vpc, _ := VPCs.Get(snap, scope.Key("vpc-1"))
			got := map[string][]vnet.Route{}
			for _, table := range network(snap, scope, vpc).Tables {
				got[table.ID] = table.Routes
			}
			want := map[string][]vnet.Route{"rtb-main": nil, "rtb-public": tt.public, "rtb-private": tt.private}
			if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
				t.Errorf("routes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSubnetsWithoutTableHaveTheMainOne(t *testing.T) {
	b := newBench(t, "")
	b.update(func(tx *store.Tx) error { rows(tx); return nil })
	snap := b.env.Store.Snapshot()
	vpc, _ := VPCs.Get(snap, scope.Key("vpc-1"))
	got := map[string]string{}
	for _, s := range network(snap, scope, vpc).Subnets {
		got[s.ID] = s.Table
	}
	want := map[string]string{"subnet-public": "rtb-public", "subnet-private": "rtb-private", "subnet-isolated": "rtb-main"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestPlanRule(t *testing.T) {
	for name, tt := range map[string]struct {
		rule GroupRule
		want firewall.Rule
		ok   bool
	}{
		"port":   {GroupRule{Protocol: "tcp", FromPort: 80, ToPort: 81, CIDR: "10.0.0.0/8"}, firewall.Rule{Protocol: firewall.TCP, From: 80, To: 81, Peer: netip.MustParsePrefix("10.0.0.0/8")}, true},
		"group":  {GroupRule{Protocol: "-1", FromPort: -1, ToPort: -1, GroupID: "sg-1"}, firewall.Rule{Protocol: firewall.AnyProtocol, From: -1, To: -1, Group: "sg-1"}, true},
		"ping":   {GroupRule{Protocol: "icmp", FromPort: 8, ToPort: -1, CIDR: "0.0.0.0/0"}, firewall.Rule{Protocol: firewall.ICMP, From: 8, To: -1, Peer: netip.MustParsePrefix("0.0.0.0/0")}, true},
		"number": {GroupRule{Protocol: "50", FromPort: -1, ToPort: -1, CIDR: "0.0.0.0/0"}, firewall.Rule{Protocol: 50, From: -1, To: -1, Peer: netip.MustParsePrefix("0.0.0.0/0")}, true},
		"IPv6":   {GroupRule{Protocol: "tcp", FromPort: 80, ToPort: 80, CIDR6: "::/0"}, firewall.Rule{}, false},
		"ICMPv6": {GroupRule{Protocol: "icmpv6", FromPort: -1, ToPort: -1, CIDR: "0.0.0.0/0"}, firewall.Rule{}, false},
	} {
		got, ok := tt.rule.plan()
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: plan = %+v, %v", name, got, ok)
		}
	}
}

func TestAdmitsFrom(t *testing.T) {
	b := newBench(t, "")
	b.update(func(tx *store.Tx) error {
		for id, rule := range map[string]GroupRule{
			"sg-web":    {Protocol: "tcp", FromPort: 80, ToPort: 443, CIDR: "0.0.0.0/0"},
			"sg-office": {Protocol: "-1", FromPort: -1, ToPort: -1, CIDR: "198.51.100.0/24"},
			"sg-inside": {Protocol: "tcp", FromPort: 0, ToPort: 65535, GroupID: "sg-web"},
			"sg-out":    {Protocol: "-1", FromPort: -1, ToPort: -1, CIDR: "0.0.0.0/0", Egress: true},
		} {
			SecurityGroups.Put(tx, SecurityGroup{Key: scope.Key(id), Spec: SecurityGroupSpec{Rules: []GroupRule{rule}}})
		}
		return nil
	})
	visitor := netip.MustParseAddr("203.0.113.7")
	for _, tt := range []struct {
		groups []string
		port   int
		want   bool
	}{
		{[]string{"sg-web"}, 80, true},
		{[]string{"sg-web"}, 443, true},
		{[]string{"sg-web"}, 444, false},
		{[]string{"sg-office"}, 80, false},
		{[]string{"sg-inside", "sg-out"}, 80, false},
		{[]string{"sg-inside", "sg-web"}, 80, true},
		{[]string{"sg-gone"}, 80, false},
		{nil, 80, false},
	} {
		if got := AdmitsFrom(b.env.Store.Snapshot(), scope, tt.groups, visitor, tt.port); got != tt.want {
			t.Errorf("AdmitsFrom(%v, %d) = %v", tt.groups, tt.port, got)
		}
	}
}
