package firewall

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/mdlayher/netlink"
)

// A Table is the firewall of one network namespace. It is not safe for use by
// several goroutines at once.
type Table struct {
	conn *nftables.Conn
	have *ruleset // what the kernel holds; nil when that is not known
}

// Open connects to the firewall of the namespace that ns refers to. The socket
// stays open until Close; the rules stay until the namespace goes.
func Open(ns int) (*Table, error) {
	conn, err := nftables.New(nftables.AsLasting(), nftables.WithNetNSFd(ns), nftables.WithSockOptions(roomy))
	if err != nil {
		return nil, fmt.Errorf("open nftables: %w", err)
	}
	return &Table{conn: conn}, nil
}

// maxTransaction bounds what one transaction may send, and its answers. The
// kernel takes it as one message: thousands of interfaces fit.
const maxTransaction = 8 << 20

func roomy(c *netlink.Conn) error {
	return errors.Join(c.SetWriteBuffer(maxTransaction), c.SetReadBuffer(maxTransaction))
}

// Close gives up the socket and leaves the rules in force.
func (t *Table) Close() error { return t.conn.CloseLasting() }

// Apply puts the config in force in one transaction: packets meet the old rules
// or the new, nothing between. The first Apply replaces whatever is there; an
// Apply that changes nothing sends nothing. After an error the rules in force
// are those from before.
func (t *Table) Apply(cfg Config) error {
	want := compile(cfg)
	var steps []step
	if t.have == nil {
		t.reset()
		steps = diff(ruleset{}, want)
	} else {
		steps = diff(*t.have, want)
	}
	t.have = nil
	for _, s := range steps {
		if err := t.queue(s); err != nil {
			return fmt.Errorf("queue %s: %w", s, err)
		}
	}
	if err := t.conn.Flush(); err != nil {
		return fmt.Errorf("commit %d firewall steps: %w", len(steps), err)
	}
	t.have = &want
	return nil
}

// reset starts the transaction with an empty table, whether one was there or not.
func (t *Table) reset() {
	t.conn.AddTable(table())
	t.conn.DelTable(table())
	t.conn.AddTable(table())
}

func table() *nftables.Table {
	return &nftables.Table{Name: tableName, Family: nftables.TableFamilyINet}
}

func (t *Table) queue(s step) error {
	c := &nftables.Chain{Name: s.name, Table: table()}
	switch s.verb + " " + s.object {
	case "add set":
		return t.conn.AddSet(kernelSet(s.name, s.set.kind), nil)
	case "delete set":
		t.conn.DelSet(kernelSet(s.name, ""))
	case "add chain":
		t.conn.AddChain(kernelChain(s.name, s.chain.hook))
	case "flush chain":
		t.conn.FlushChain(c)
	case "delete chain":
		t.conn.DelChain(c)
	case "add rule":
		t.conn.AddRule(&nftables.Rule{Table: table(), Chain: c, Exprs: s.line.program()})
	case "add element":
		return t.conn.SetAddElements(kernelSet(s.name, s.kind), kernelElements(s.elements))
	case "delete element":
		return t.conn.SetDeleteElements(kernelSet(s.name, s.kind), kernelElements(s.elements))
	}
	return nil
}

// program compiles a line. In a table for all families a line that looks at
// IPv4 addresses must first say so, or nft cannot list it.
func (l line) program() []expr.Any {
	var program []expr.Any
	if slices.ContainsFunc(l, func(s statement) bool { _, ok := s.(addressed); return ok }) {
		program = nfproto(expr.CmpOpEq)
	}
	for _, s := range l {
		program = append(program, s.program()...)
	}
	return program
}

func kernelChain(name string, h hook) *nftables.Chain {
	c := &nftables.Chain{Name: name, Table: table()}
	if h == "" {
		return c
	}
	refuse := nftables.ChainPolicyDrop
	c.Type, c.Policy = nftables.ChainTypeFilter, &refuse
	c.Hooknum, c.Priority = nftables.ChainHookPrerouting, nftables.ChainPriorityMangle
	if h == output {
		c.Hooknum, c.Priority = nftables.ChainHookOutput, nftables.ChainPriorityFilter
	}
	return c
}

func kernelSet(name string, k kind) *nftables.Set {
	s := &nftables.Set{Table: table(), Name: name, KeyType: nftables.TypeIPAddr, KeyByteOrder: binaryutil.BigEndian}
	switch k {
	case sources:
		s.Concatenation = true
		s.KeyType = nftables.MustConcatSetType(nftables.TypeIFName, nftables.TypeIPAddr)
	case endpoints:
		s.Concatenation = true
		s.KeyType = nftables.MustConcatSetType(nftables.TypeIPAddr, nftables.TypeInetProto, nftables.TypeInetService)
	case verdicts:
		s.IsMap, s.DataType = true, nftables.TypeVerdict
	}
	return s
}

func kernelElements(elements []element) []nftables.SetElement {
	out := make([]nftables.SetElement, len(elements))
	for i, e := range elements {
		out[i].Key = e.key
		if e.jump != "" {
			out[i].VerdictData = &expr.Verdict{Kind: expr.VerdictJump, Chain: e.jump}
		}
	}
	return out
}
