package firewall

import (
	"fmt"

	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// The first 32-bit register, for keys made of several fields.
const reg32 = unix.NFT_REG32_00

// stranger matches a packet whose source is not its interface's address.
type stranger struct{ set string }

func (m stranger) String() string { return "iifname . ip saddr != @" + m.set }

func (m stranger) program() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyIIFNAME, Register: reg32},
		saddr.load(reg32 + 4),
		&expr.Lookup{SourceRegister: reg32, SetName: m.set, Invert: true},
	}
}

// serves matches a packet for one of the router's own services.
type serves struct{ set string }

func (m serves) String() string { return "ip daddr . meta l4proto . th dport @" + m.set }

func (m serves) program() []expr.Any {
	return []expr.Any{
		daddr.load(reg32),
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: reg32 + 1},
		&expr.Payload{DestRegister: reg32 + 2, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Lookup{SourceRegister: reg32, SetName: m.set},
	}
}

// answers matches a packet from one of the router's own services.
type answers struct{ set string }

func (m answers) String() string { return "ip saddr . meta l4proto . th sport @" + m.set }

func (m answers) program() []expr.Any {
	return []expr.Any{
		saddr.load(reg32),
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: reg32 + 1},
		&expr.Payload{DestRegister: reg32 + 2, Base: expr.PayloadBaseTransportHeader, Offset: 0, Len: 2},
		&expr.Lookup{SourceRegister: reg32, SetName: m.set},
	}
}

// choose goes on in the chain that a map names for the address.
type choose struct {
	side side
	set  string
}

func (v choose) String() string { return fmt.Sprintf("ip %s vmap @%s", v.side, v.set) }

func (v choose) program() []expr.Any {
	return []expr.Any{
		v.side.load(1),
		&expr.Lookup{SourceRegister: 1, SetName: v.set, IsDestRegSet: true, DestRegister: 0},
	}
}

// verdict ends the line.
type verdict struct {
	kind  expr.VerdictKind
	word  string
	chain string
}

var (
	accept = verdict{kind: expr.VerdictAccept, word: "accept"}
	drop   = verdict{kind: expr.VerdictDrop, word: "drop"}
	back   = verdict{kind: expr.VerdictReturn, word: "return"} // to the chain that jumped here
)

func jump(chain string) verdict   { return verdict{expr.VerdictJump, "jump", chain} }
func goThen(chain string) verdict { return verdict{expr.VerdictGoto, "goto", chain} }

func (v verdict) String() string {
	if v.chain == "" {
		return v.word
	}
	return v.word + " " + v.chain
}

func (v verdict) program() []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: v.kind, Chain: v.chain}}
}

// ProxyMark marks packets for the gateways' proxy; the router's policy routing
// delivers them locally.
const ProxyMark = 1

// proxy hands the packet to a local transparent socket, its addresses unchanged.
type proxy struct{ port uint16 }

func (v proxy) String() string {
	return fmt.Sprintf("tproxy ip to %s:%d meta mark set %#08x accept", ProxyAddress, v.port, ProxyMark)
}

func (v proxy) program() []expr.Any {
	addr := ProxyAddress.As4()
	return []expr.Any{
		&expr.Immediate{Register: 1, Data: addr[:]},
		&expr.Immediate{Register: 2, Data: binaryutil.BigEndian.PutUint16(v.port)},
		&expr.TProxy{Family: unix.NFPROTO_IPV4, TableFamily: unix.NFPROTO_INET, RegAddr: 1, RegPort: 2},
		&expr.Immediate{Register: 1, Data: binaryutil.NativeEndian.PutUint32(ProxyMark)},
		&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: 1},
		&expr.Verdict{Kind: expr.VerdictAccept},
	}
}
