package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A goal is a figure, what it is held against, and what their ratio may be.
type goal struct {
	what    string
	figure  value
	against value
	name    string  // of what it is held against
	most    float64 // of figure / against; 0: anything
	least   float64
}

// A value is the median of a metric times a scale, or a fixed number.
type value struct {
	metric string
	scale  float64 // 0 is 1
	fixed  float64
	unit   string
}

// goals are the rows of the table, in order.
var goals = []goal{
	{
		what:   "`bin/apex`, stripped",
		figure: value{metric: "bench.Build MiB", unit: "MiB"}, against: value{fixed: 60, unit: "MiB"},
		name: "limit", most: 1,
	},
	{
		what:   "its cold build (empty GOCACHE, modules there)",
		figure: value{metric: "bench.Build build-s", unit: "s"}, against: value{fixed: 360, unit: "s"},
		name: "limit", most: 1,
	},
	{
		what:   "region process with ApexAI up, idle: resident memory",
		figure: value{metric: "bench.Idle MiB", unit: "MiB"}, against: value{fixed: 60, unit: "MiB"},
		name: "limit", most: 1,
	},
	{
		what:   "region process with ApexAI up, idle: CPU over 20 s",
		figure: value{metric: "bench.Idle %core", unit: "% of a core"}, against: value{fixed: 1, unit: "%"},
		name: "limit", most: 1,
	},
	{
		what:   "`apex up` from nothing to the server's first 200 through the balancer",
		figure: value{metric: "bench.Up up-s", unit: "s"}, against: value{metric: "bench.Up parts-s", unit: "s"},
		name: "bare MariaDB + bare server, one after the other", most: 1.5,
	},
	{
		what:   "create a network interface, p50",
		figure: value{metric: "vnet.CreateInterface p50-ms", unit: "ms"}, against: value{fixed: 10, unit: "ms"},
		name: "limit", most: 1,
	},
	{
		what:   "change a rule of a security group with 50 members, p50",
		figure: value{metric: "vnet.GroupChange p50-ms", unit: "ms"}, against: value{fixed: 1, unit: "ms"},
		name: "limit", most: 1,
	},
	{
		what:    "task that does nothing, from start to end",
		figure:  value{metric: "task.Start/task ns/op", scale: 1e-6, unit: "ms"},
		against: value{metric: "task.Start/exec ns/op", scale: 1e-6, unit: "ms"},
		name:    "bare exec of the same program",
	},
	{
		what:   "durable commits of 32 writers",
		figure: value{metric: "store.Commit commits/s", unit: "/s"}, against: value{metric: "store.Commit fsyncs/s", unit: "/s"},
		name: "single fsyncs of the same disk", least: 5,
	},
	{
		what:   "`terraform apply` of examples/terraform (dev), 101 resources",
		figure: value{metric: "terraform.Example apply-s", unit: "s"}, against: value{metric: "terraform.Example floor-s", unit: "s"},
		name: "the provider's own waits + a plan", most: 1.1,
	},
	{
		what:   "`terraform plan` when all of it but the services is there",
		figure: value{metric: "terraform.Example plan-s", unit: "s"}, against: value{metric: "terraform.Example moto-plan-s", unit: "s"},
		name: "moto", most: 0.7,
	},
	{
		what:   "API calls, a mixed set of which a quarter are writes",
		figure: value{metric: "bench.Calls/apex calls/s", unit: "/s"}, against: value{metric: "bench.Calls/moto calls/s", unit: "/s"},
		name: "moto 5.2 server", least: 20,
	},
	{
		what:   "the same, p99",
		figure: value{metric: "bench.Calls/apex p99-ms", unit: "ms"}, against: value{metric: "bench.Calls/moto p99-ms", unit: "ms"},
		name: "moto 5.2 server", most: 0.05,
	},
	{
		what:   "the same, CPU per call",
		figure: value{metric: "bench.Calls/apex cpu-us/call", unit: "µs"}, against: value{metric: "bench.Calls/bare cpu-us/call", unit: "µs"},
		name: "Go's HTTP server that verifies the signature and answers from memory", most: 2,
	},
	{
		what:   "API calls that only read, CPU per call",
		figure: value{metric: "bench.Calls/apex-reads cpu-us/call", unit: "µs"}, against: value{metric: "bench.Calls/bare cpu-us/call", unit: "µs"},
		name: "the same server", most: 2,
	},
	{
		what:   "resident memory with 2,000 resources",
		figure: value{metric: "bench.Memory MiB", unit: "MiB"}, against: value{fixed: 100, unit: "MiB"},
		name: "limit", most: 1,
	},
	{
		what:   "create, show, list: the slowest against itself, 10,000 resources against 10",
		figure: value{metric: "bench.Flat x-worst", unit: "times"}, against: value{fixed: 1, unit: "times"},
		name: "flat", most: 3,
	},
}

// table renders the goals and counts those that are missed or not measured.
func table(goals []goal, seen results) (text string, missed int) {
	var b strings.Builder
	b.WriteString("| what | measured | held against | ratio | wanted |\n|---|--:|---|--:|--:|\n")
	for _, g := range goals {
		row, ok := g.row(seen)
		if !ok {
			missed++
		}
		b.WriteString(row)
	}
	return b.String(), missed
}

func (g goal) row(seen results) (text string, ok bool) {
	figure, have := g.figure.in(seen)
	against, haveToo := g.against.in(seen)
	if !have || !haveToo {
		return fmt.Sprintf("| %s | **not measured** | | | %s |\n", g.what, g.wanted()), false
	}
	ratio := figure / against
	ok = (g.most == 0 || ratio <= g.most) && ratio >= g.least
	verdict := g.wanted()
	if !ok {
		verdict = "**missed:** " + verdict
	}
	return fmt.Sprintf("| %s | %s | %s: %s | %s | %s |\n", g.what,
		number(figure)+" "+g.figure.unit, g.name, number(against)+" "+g.against.unit, number(ratio), verdict), ok
}

func (g goal) wanted() string {
	switch {
	case g.most > 0:
		return "≤ " + number(g.most)
	case g.least > 0:
		return "≥ " + number(g.least)
	}
	return ""
}

func (v value) in(seen results) (float64, bool) {
	if v.metric == "" {
		return v.fixed, true
	}
	values := seen[v.metric]
	if len(values) == 0 {
		return 0, false
	}
	if v.scale == 0 {
		return median(values), true
	}
	return median(values) * v.scale, true
}

// number shows three digits, or all of a whole number.
func number(f float64) string {
	if f >= 100 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'g', 3, 64)
}
