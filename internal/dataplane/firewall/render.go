package firewall

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Render prints the rules of a config as a file that nft reads.
func Render(cfg Config) string {
	rs := compile(cfg)
	var b strings.Builder
	fmt.Fprintf(&b, "table inet %s {\n", tableName)
	for _, name := range slices.Sorted(maps.Keys(rs.sets)) {
		renderSet(&b, name, rs.sets[name])
	}
	for _, name := range rs.definitionOrder() {
		renderChain(&b, name, rs.chains[name])
	}
	b.WriteString("}\n")
	return b.String()
}

func renderSet(b *strings.Builder, name string, s set) {
	word := "set"
	if s.kind == verdicts {
		word = "map"
	}
	fmt.Fprintf(b, "\t%s %s {\n\t\ttype %s\n", word, name, s.kind)
	if len(s.elements) > 0 {
		var elements []string
		for _, text := range slices.Sorted(maps.Keys(s.elements)) {
			elements = append(elements, s.elements[text].String())
		}
		fmt.Fprintf(b, "\t\telements = { %s }\n", strings.Join(elements, ", "))
	}
	b.WriteString("\t}\n")
}

func renderChain(b *strings.Builder, name string, c chain) {
	fmt.Fprintf(b, "\tchain %s {\n", name)
	if c.hook != "" {
		fmt.Fprintf(b, "\t\t%s\n", c.hook)
	}
	for _, l := range c.lines {
		fmt.Fprintf(b, "\t\t%s\n", l)
	}
	b.WriteString("\t}\n")
}

// definitionOrder lists the chains by name, those that others lead to first.
func (rs ruleset) definitionOrder() []string {
	var order []string
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, l := range rs.chains[name].lines {
			if v, ok := l[len(l)-1].(verdict); ok && v.chain != "" {
				visit(v.chain)
			}
		}
		order = append(order, name)
	}
	for _, name := range slices.Sorted(maps.Keys(rs.chains)) {
		visit(name)
	}
	return order
}
