package firewall

import (
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/awsid"
	"apex/internal/dataplane/vnet/netns"
)

var update = flag.Bool("update", false, "write the golden files anew")

// example has a rule of each form.
func example() Config {
	return Config{
		Local:      []netip.Prefix{block("10.0.0.0/16")},
		Neighbours: []Neighbour{{"ppeer", []netip.Prefix{block("10.9.0.0/16")}}},
		Proxy:      15001,
		Interfaces: []Interface{
			{Device: "valb", Address: addr("10.0.0.4"), Groups: []string{"sg-alb"}, Subnet: "subnet-public", Table: "rtb-public", Public: true},
			{Device: "vecs", Address: addr("10.0.10.4"), Groups: []string{"sg-ecs", "sg-extra"}, Table: "rtb-private"},
			{Device: "vnone", Address: addr("10.0.10.9"), Groups: []string{"sg-gone"}, Table: "rtb-gone"},
		},
		Groups: []Group{
			{
				ID:      "sg-alb",
				Ingress: []Rule{{Protocol: TCP, From: 80, To: 80}, {Protocol: TCP, From: 1000, To: 2000, Peer: block("203.0.113.0/24")}},
				Egress:  []Rule{{Protocol: TCP, From: 3000, To: 3000, Group: "sg-ecs"}},
			},
			{
				ID: "sg-ecs",
				Ingress: []Rule{
					{Protocol: TCP, From: 3000, To: 3000, Group: "sg-alb"},
					{Protocol: AnyProtocol, Group: "sg-gone"},
					{Protocol: ICMP, From: 3, To: 4, Peer: block("10.0.0.0/8")},
					{Protocol: ICMP, From: 8, To: Any, Peer: block("10.0.0.7/32")},
				},
				Egress: []Rule{{Protocol: AnyProtocol, From: Any, To: Any, Peer: block("0.0.0.0/0")}},
			},
			{ID: "sg-extra", Ingress: []Rule{{Protocol: UDP, From: 0, To: 65535, Peer: block("10.0.1.0/24")}, {Protocol: 47, From: Any, To: Any}}},
		},
		Tables: []RouteTable{
			{"rtb-public", []Route{{block("0.0.0.0/0"), Internet}}},
			{"rtb-private", []Route{{block("0.0.0.0/0"), NAT}, {block("198.51.100.0/24"), Blackhole}, {block("10.9.0.0/16"), Peer}}},
		},
		Subnets: []Subnet{{"subnet-public", block("10.0.0.0/24"), "acl-public"}, {"subnet-private", block("10.0.10.0/24"), "acl-open"}},
		ACLs: []ACL{
			{"acl-public", []ACLRule{
				{false, Rule{Protocol: TCP, From: 22, To: 22}},
				{true, Rule{Protocol: TCP, From: Any, To: Any, Peer: block("203.0.113.0/24")}},
				{true, Rule{Protocol: ICMP, From: 8, To: Any, Peer: block("10.0.0.0/8")}},
			}, []ACLRule{{true, Rule{Protocol: TCP, From: 1024, To: 65535}}}},
			{"acl-open", []ACLRule{{true, Rule{Protocol: AnyProtocol}}}, []ACLRule{{true, Rule{Protocol: AnyProtocol}}, {false, Rule{Protocol: TCP}}}},
		},
		Services: []Service{{addr("169.254.169.253"), UDP, 53}, {addr("169.254.170.2"), TCP, 80}},
	}
}

func block(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func addr(s string) netip.Addr    { return netip.MustParseAddr(s) }

func TestRender(t *testing.T) {
	golden := filepath.Join("testdata", "example.nft")
	got := Render(example())
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("Render (-want +got):\n%s", diff)
	}
}

// The kernel must hold the same rules whether they came by netlink or were
// printed and read by nft: so the text can be trusted.
func TestTextAndKernelAgree(t *testing.T) {
	byText, bySocket := scratch(t), scratch(t)
	nft(t, byText, Render(example()), "-f", "-")
	table := openTable(t, bySocket)
	apply(t, table, example())
	if diff := cmp.Diff(listing(t, byText), listing(t, bySocket)); diff != "" {
		t.Errorf("kernel's rules (-by text +by netlink):\n%s", diff)
	}
}

// However it got there, the kernel must hold what the last config says.
func TestApplySendsDifferencesOnly(t *testing.T) {
	fresh, changed := scratch(t), scratch(t)
	table := openTable(t, changed)
	apply(t, table, Config{})
	apply(t, table, example())
	other := example()
	other.Groups = slices.Delete(other.Groups, 1, 2)
	other.Interfaces[1].Groups = []string{"sg-extra", "sg-alb"}
	other.Interfaces = other.Interfaces[:2]
	other.Tables[1].Routes[0].Target = Blackhole
	other.Local = append(other.Local, block("10.1.0.0/16"))
	apply(t, table, other)
	apply(t, openTable(t, fresh), other)
	if diff := cmp.Diff(listing(t, fresh), listing(t, changed)); diff != "" {
		t.Errorf("kernel's rules (-fresh +changed):\n%s", diff)
	}
	// A table opened on rules of before replaces them.
	apply(t, openTable(t, changed), example())
	apply(t, openTable(t, fresh), example())
	if diff := cmp.Diff(listing(t, fresh), listing(t, changed)); diff != "" {
		t.Errorf("kernel's rules after a restart (-fresh +changed):\n%s", diff)
	}
}

func TestDiff(t *testing.T) {
	added, regrouped, ruled := example(), example(), example()
	added.Interfaces = append(added.Interfaces, Interface{Device: "vnew", Address: addr("10.0.10.8"), Groups: []string{"sg-ecs"}, Table: "rtb-private"})
	regrouped.Interfaces[0].Groups = []string{"sg-ecs"}
	ruled.Groups[2].Ingress = ruled.Groups[2].Ingress[:1]
	for name, tt := range map[string]struct {
		to   Config
		want string
	}{
		"nothing": {example(), ""},
		"a new interface": {added, `add element inet apex egress { 10.0.10.8 : jump out_sg_ecs }
add element inet apex ingress { 10.0.10.8 : jump in_sg_ecs }
add element inet apex interfaces { "vnew" . 10.0.10.8 }
add element inet apex leaving { 10.0.10.8 : jump leave_rtb_private }
add element inet apex members_sg_ecs { 10.0.10.8 }`},
		"another group": {regrouped, `delete element inet apex egress { 10.0.0.4 : jump out_sg_alb }
delete element inet apex ingress { 10.0.0.4 : jump in_sg_alb }
delete element inet apex members_sg_alb { 10.0.0.4 }
add element inet apex egress { 10.0.0.4 : jump out_sg_ecs }
add element inet apex ingress { 10.0.0.4 : jump in_sg_ecs }
add element inet apex members_sg_ecs { 10.0.0.4 }`},
		"a rule less": {ruled, `flush chain inet apex in_sg_extra
add rule inet apex in_sg_extra ip saddr 10.0.1.0/24 meta l4proto udp accept`},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range diff(compile(example()), compile(tt.to)) {
				got = append(got, s.String())
			}
			if d := cmp.Diff(tt.want, strings.Join(got, "\n")); d != "" {
				t.Errorf("steps (-want +got):\n%s", d)
			}
		})
	}
}

// A config that the kernel refuses must leave the rules from before in force.
func TestRefusedConfigChangesNothing(t *testing.T) {
	name := scratch(t)
	table := openTable(t, name)
	apply(t, table, example())
	before := listing(t, name)
	bad := example()
	bad.Groups[0].ID = strings.Repeat("x", 400) // longer than a chain's name may be
	if err := table.Apply(bad); err == nil {
		t.Fatal("the kernel took a chain name of 400 letters")
	}
	if diff := cmp.Diff(before, listing(t, name)); diff != "" {
		t.Errorf("kernel's rules (-before +after):\n%s", diff)
	}
	apply(t, table, example())
}

func TestManyInterfacesFitInOneApply(t *testing.T) {
	cfg := example()
	for n := range 1000 {
		cfg.Interfaces = append(cfg.Interfaces, Interface{
			Device: "v" + awsid.Hex(12), Address: netip.AddrFrom4([4]byte{10, 0, 100 + byte(n/250), byte(n % 250)}), Groups: []string{"sg-ecs"}, Table: "rtb-private",
		})
	}
	apply(t, openTable(t, scratch(t)), cfg)
}

// scratch makes a namespace for rules and returns its name.
func scratch(t testing.TB) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	name := "apex-fw" + awsid.Hex(8)
	if err := netns.Create(name, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := netns.Delete(name); err != nil {
			t.Error(err)
		}
	})
	return name
}

func openTable(t testing.TB, name string) *Table {
	t.Helper()
	ns, err := os.Open(netns.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	table, err := Open(int(ns.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { table.Close() })
	return table
}

func apply(t testing.TB, table *Table, cfg Config) {
	t.Helper()
	if err := table.Apply(cfg); err != nil {
		t.Fatal(err)
	}
}

// listing is the table as the kernel has it, its objects in order of name.
func listing(t testing.TB, name string) string {
	t.Helper()
	objects := strings.Split(nft(t, name, "", "list", "table", "inet", tableName), "\n\n")
	lines := strings.Split(strings.Join(objects, "\n"), "\n")
	var blocks []string
	for _, l := range lines[1:] {
		if strings.HasPrefix(l, "\t\t") || l == "\t}" {
			blocks[len(blocks)-1] += "\n" + sortElements(l)
		} else if l != "" {
			blocks = append(blocks, l)
		}
	}
	slices.Sort(blocks)
	return strings.Join(blocks, "\n")
}

// sortElements puts a set's elements, which the kernel lists by hash, in order.
func sortElements(l string) string {
	fields := strings.FieldsFunc(l, func(r rune) bool { return r == ',' || r == '{' || r == '}' || r == '\t' })
	if len(fields) < 2 {
		return l
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	slices.Sort(fields)
	return strings.Join(fields, ", ")
}

func nft(t testing.TB, name, input string, args ...string) string {
	t.Helper()
	var output []byte
	err := netns.Do(netns.Path(name), func() (err error) {
		cmd := exec.Command("nft", args...) // forked by this thread, so in its namespace
		cmd.Stdin = strings.NewReader(input)
		output, err = cmd.CombinedOutput()
		return err
	})
	if err != nil {
		t.Fatalf("nft %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}
