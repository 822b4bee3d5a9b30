package firewall

import (
	"fmt"
	"net/netip"

	"github.com/google/nftables"
)

// cutName is the table of Cut: of its own, so that no Apply touches it.
const cutName = "apex_cut"

// Cut drops every packet that comes from or goes to the blocks, also of
// connections that stand, before all other rules: for drills. An earlier Cut is
// replaced; no blocks mean that everything passes again.
func Cut(ns int, blocks []netip.Prefix) error {
	conn, err := nftables.New(nftables.WithNetNSFd(ns))
	if err != nil {
		return fmt.Errorf("open nftables: %w", err)
	}
	t := &nftables.Table{Name: cutName, Family: nftables.TableFamilyINet}
	conn.AddTable(t)
	conn.DelTable(t) // whether there was one or not
	if len(blocks) > 0 {
		conn.AddTable(t)
	}
	for name, hook := range map[string]*nftables.ChainHook{
		"forward": nftables.ChainHookForward, "input": nftables.ChainHookInput, "output": nftables.ChainHookOutput,
	} {
		if len(blocks) > 0 {
			cutAt(conn, t, name, hook, blocks)
		}
	}
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("cut %v: %w", blocks, err)
	}
	return nil
}

// first is before the chains of Table.
const first = -300

func cutAt(conn *nftables.Conn, t *nftables.Table, name string, hook *nftables.ChainHook, blocks []netip.Prefix) {
	c := conn.AddChain(&nftables.Chain{
		Name: name, Table: t, Type: nftables.ChainTypeFilter, Hooknum: hook, Priority: nftables.ChainPriorityRef(first),
	})
	for _, block := range blocks {
		for _, s := range []side{saddr, daddr} {
			conn.AddRule(&nftables.Rule{Table: t, Chain: c, Exprs: line{within{s, block}, drop}.program()})
		}
	}
}
