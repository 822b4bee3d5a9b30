package rds

import (
	"regexp"
	"slices"
	"strings"
)

// An offer is an engine version that a caller may ask for.
type offer struct {
	engine  string
	major   string // "8.0"
	version string // the full version that the major stands for
	license string
}

// The first offer of an engine is its default. The server behind all of them is
// the one that the machine has.
var offers = []offer{
	{"mysql", "8.0", "8.0.40", "general-public-license"},
	{"mysql", "8.4", "8.4.3", "general-public-license"},
	{"mysql", "5.7", "5.7.44", "general-public-license"},
	{"mariadb", "10.11", "10.11.9", "general-public-license"},
	{"mariadb", "11.4", "11.4.4", "general-public-license"},
	{"mariadb", "10.6", "10.6.20", "general-public-license"},
	{"aurora-mysql", "8.0", "8.0.mysql_aurora.3.08.0", "general-public-license"},
	{"aurora-postgresql", "16", "16.4", "postgresql-license"},
	{"aurora-postgresql", "15", "15.8", "postgresql-license"},
	{"aurora-postgresql", "14", "14.13", "postgresql-license"},
	{"aurora-postgresql", "17", "17.4", "postgresql-license"},
}

// ofCluster reports whether the engine's instances are those of clusters.
func ofCluster(engine string) bool { return strings.HasPrefix(engine, "aurora-") }

func (o offer) port() int64 {
	if !runs(o.engine) {
		return 5432
	}
	return 3306
}

// runs reports whether a server of the engine's kind runs here; what does not is
// kept and given back.
func runs(engine string) bool { return engine != "aurora-postgresql" }

func (o offer) family() string { return o.engine + o.major }
func (o offer) optionGroup() string {
	return "default:" + o.engine + "-" + strings.ReplaceAll(o.major, ".", "-")
}

func (o offer) parameterGroup() string {
	return "default." + o.family()
}

// findOffer returns the offer for an engine and a version that may be absent, a
// major one, or a full one, and the full version to give back.
func findOffer(engine, version string) (offer, string, error) {
	known := false
	for _, o := range offers {
		if o.engine != engine {
			continue
		}
		known = true
		switch {
		case version == "" || version == o.major:
			return o, o.version, nil
		case strings.HasPrefix(version, o.major+"."):
			return o, version, nil
		}
	}
	if !known {
		return offer{}, "", invalid("Invalid DB engine: %s; this region serves mysql and mariadb", engine)
	}
	return offer{}, "", invalid("Cannot find version %s for %s", version, engine)
}

var familyPattern = regexp.MustCompile(`^(aurora-)?(mysql|mariadb|postgres|postgresql)\d{1,2}(\.\d{1,2})?$`)

// isFamily reports whether a parameter group may be of the family.
func isFamily(family string) bool { return familyPattern.MatchString(family) }

// isServed reports whether servers of the family run here.
func isServed(family string) bool {
	return slices.ContainsFunc(offers, func(o offer) bool { return o.family() == family && runs(o.engine) })
}
