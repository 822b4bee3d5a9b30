package elasticache

import "slices"

const mib = 1 << 20

// A nodeType is a size of node with the memory that Redis may use on it.
type nodeType struct {
	name   string
	memory int64 // bytes
}

// In order of their names.
var nodeTypes = []nodeType{
	{"cache.m5.large", 6530 * mib},
	{"cache.m5.xlarge", 13235 * mib},
	{"cache.m6g.large", 6530 * mib},
	{"cache.m6g.xlarge", 13235 * mib},
	{"cache.m7g.large", 6530 * mib},
	{"cache.m7g.xlarge", 13235 * mib},
	{"cache.r5.large", 13384 * mib},
	{"cache.r5.xlarge", 26943 * mib},
	{"cache.r6g.large", 13384 * mib},
	{"cache.r6g.xlarge", 26943 * mib},
	{"cache.r7g.large", 13384 * mib},
	{"cache.r7g.xlarge", 26943 * mib},
	{"cache.t2.medium", 3299 * mib},
	{"cache.t2.micro", 568 * mib},
	{"cache.t2.small", 1587 * mib},
	{"cache.t3.medium", 3162 * mib},
	{"cache.t3.micro", 512 * mib},
	{"cache.t3.small", 1403 * mib},
	{"cache.t4g.medium", 3162 * mib},
	{"cache.t4g.micro", 512 * mib},
	{"cache.t4g.small", 1403 * mib},
}

func findNodeType(name string) (nodeType, error) {
	i := slices.IndexFunc(nodeTypes, func(t nodeType) bool { return t.name == name })
	if i < 0 {
		return nodeType{}, invalid("The cache node type %q is not supported", name)
	}
	return nodeTypes[i], nil
}

// An engine version that a caller may ask for. The server behind all of them is
// the one that the machine has.
type version struct {
	engine string // "redis" or "valkey"
	short  string // what a caller says: "7.0"
	full   string // what is given back: "7.0.7"
	family string
}

// The first of an engine is its default.
var versions = []version{
	{"redis", "7.1", "7.1.0", "redis7"},
	{"redis", "7.0", "7.0.7", "redis7"},
	{"redis", "6.2", "6.2.6", "redis6.x"},
	{"redis", "6.x", "6.2.6", "redis6.x"},
	{"redis", "5.0.6", "5.0.6", "redis5.0"},
	{"valkey", "8.0", "8.0.1", "valkey8"},
	{"valkey", "7.2", "7.2.6", "valkey7"},
}

func findVersion(engine, asked string) (version, error) {
	if engine != "redis" && engine != "valkey" {
		return version{}, invalid("Invalid value for Engine: %s; this region serves redis and valkey", engine)
	}
	for _, v := range versions {
		if v.engine != engine {
			continue
		}
		if asked == "" || asked == v.short || asked == v.full {
			return v, nil
		}
	}
	return version{}, invalid("Cannot find version %s for %s", asked, engine)
}

// families are those of the versions, in order.
func families() (all []string) {
	for _, v := range versions {
		all = append(all, v.family)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func hasFamily(family string) bool {
	return slices.ContainsFunc(versions, func(v version) bool { return v.family == family })
}
