package rds

import (
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
	{"mariadb", "10.11", "10.11.9", "general-public-license"},
}

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

func offerOfFamily(family string) (offer, bool) {
	for _, o := range offers {
		if o.family() == family {
			return o, true
		}
	}
	return offer{}, false
}
