package firewall

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// A statement is a match or a verdict: as nft prints it and as the kernel runs
// it.
type statement interface {
	String() string
	program() []expr.Any
}

// An addressed statement looks at IPv4 addresses.
type addressed interface{ addressed() }

func (within) addressed()   {}
func (member) addressed()   {}
func (stranger) addressed() {}
func (serves) addressed()   {}
func (answers) addressed()  {}
func (choose) addressed()   {}

// A side is the end of a packet that a match looks at.
type side string

const (
	saddr side = "saddr"
	daddr side = "daddr"
)

// load puts the side's address into a register.
func (s side) load(register uint32) expr.Any {
	offset := uint32(12)
	if s == daddr {
		offset = 16
	}
	return &expr.Payload{DestRegister: register, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4}
}

// within matches an address in a block.
type within struct {
	side  side
	block netip.Prefix
}

func (m within) String() string {
	if m.block.IsSingleIP() {
		return fmt.Sprintf("ip %s %s", m.side, m.block.Addr())
	}
	return fmt.Sprintf("ip %s %s", m.side, m.block)
}

func (m within) program() []expr.Any {
	addr := m.block.Addr().As4()
	load := m.side.load(1)
	if m.block.IsSingleIP() {
		return []expr.Any{load, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: addr[:]}}
	}
	mask := binary.BigEndian.AppendUint32(nil, ^uint32(0)<<(32-m.block.Bits()))
	return []expr.Any{
		load,
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: addr[:]},
	}
}

// member matches an address in a named set.
type member struct {
	side side
	set  string
}

func (m member) String() string { return fmt.Sprintf("ip %s @%s", m.side, m.set) }

func (m member) program() []expr.Any {
	return []expr.Any{m.side.load(1), &expr.Lookup{SourceRegister: 1, SetName: m.set}}
}

// carries matches a protocol.
type carries struct{ protocol Protocol }

func (m carries) String() string {
	names := map[Protocol]string{ICMP: "icmp", TCP: "tcp", UDP: "udp"}
	if name, ok := names[m.protocol]; ok {
		return "meta l4proto " + name
	}
	return "meta l4proto " + strconv.Itoa(int(m.protocol))
}

func (m carries) program() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{byte(m.protocol)}},
	}
}

// port matches a range of destination ports.
type port struct{ from, to uint16 }

func (m port) String() string {
	if m.from == m.to {
		return fmt.Sprintf("th dport %d", m.from)
	}
	return fmt.Sprintf("th dport %d-%d", m.from, m.to)
}

func (m port) program() []expr.Any {
	load := &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2}
	from, to := binaryutil.BigEndian.PutUint16(m.from), binaryutil.BigEndian.PutUint16(m.to)
	if m.from == m.to {
		return []expr.Any{load, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: from}}
	}
	return []expr.Any{load, &expr.Range{Op: expr.CmpOpEq, Register: 1, FromData: from, ToData: to}}
}

// icmpField matches an ICMP message's type or code.
type icmpField struct {
	name  string // "type" or "code"
	value uint8
}

func (m icmpField) String() string { return fmt.Sprintf("icmp %s %d", m.name, m.value) }

func (m icmpField) program() []expr.Any {
	offset := uint32(0)
	if m.name == "code" {
		offset = 1
	}
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{m.value}},
	}
}

// connection matches what connection tracking says of the packet.
type connection struct {
	states string
	mask   uint32
}

var (
	known   = connection{"established,related", expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED}
	invalid = connection{"invalid", expr.CtStateBitINVALID}
)

func (m connection) String() string { return "ct state " + m.states }

func (m connection) program() []expr.Any {
	return []expr.Any{
		&expr.Ct{Register: 1, Key: expr.CtKeySTATE},
		&expr.Bitwise{
			SourceRegister: 1, DestRegister: 1, Len: 4,
			Mask: binaryutil.NativeEndian.PutUint32(m.mask), Xor: make([]byte, 4),
		},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

// loopback matches packets that stay inside the router.
type loopback struct{ key string } // "iifname" or "oifname"

func (m loopback) String() string { return m.key + ` "lo"` }

func (m loopback) program() []expr.Any {
	key := expr.MetaKeyIIFNAME
	if m.key == "oifname" {
		key = expr.MetaKeyOIFNAME
	}
	return []expr.Any{
		&expr.Meta{Key: key, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: deviceKey("lo")},
	}
}

// foreign matches packets of another protocol than IPv4.
type foreign struct{}

func (foreign) String() string { return "meta nfproto != ipv4" }

func (foreign) program() []expr.Any { return nfproto(expr.CmpOpNeq) }

func nfproto(op expr.CmpOp) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: op, Register: 1, Data: []byte{unix.NFPROTO_IPV4}},
	}
}

// deviceKey is a link's name as the kernel compares it.
func deviceKey(name string) []byte {
	key := make([]byte, unix.IFNAMSIZ)
	copy(key, name)
	return key
}
