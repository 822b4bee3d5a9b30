package firewall

import (
	"net/netip"

	"github.com/google/nftables/expr"
)

// A Neighbour is another network at the other end of a link. Its packets meet the
// ACLs and groups of their receivers, and nothing of them is passed on.
type Neighbour struct {
	Device string
	Blocks []netip.Prefix // where its packets come from
}

// neighbours admits packets of other networks to the chain that judges them.
func neighbours(cfg Config) []line {
	var lines []line
	for _, n := range cfg.Neighbours {
		for _, block := range n.Blocks {
			lines = append(lines, line{arrives{n.Device}, within{saddr, block.Masked()}, goThen("neighbours")})
		}
	}
	return lines
}

// welcome adds the chain that judges packets of other networks.
func (rs ruleset) welcome(cfg Config) {
	if len(cfg.Neighbours) == 0 {
		return
	}
	var c chain
	if cfg.guarded() {
		c.lines = append(c.lines, line{choose{daddr, arrivingMap}})
	}
	for _, block := range cfg.Local {
		c.lines = append(c.lines, line{within{daddr, block}, known, accept})
	}
	c.lines = append(c.lines, line{invalid, drop}, line{choose{daddr, ingressMap}}, line{drop})
	rs.chains["neighbours"] = c
}

// arrives matches packets that come in by a link.
type arrives struct{ device string }

func (m arrives) String() string { return `iifname "` + m.device + `"` }

func (m arrives) program() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyIIFNAME, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: deviceKey(m.device)},
	}
}
