package elasticache

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"

	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
)

var (
	idPattern    = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)
	groupPattern = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)
	tokenPattern = regexp.MustCompile(`^[!-~]{16,128}$`)
)

func checkID(member, given string, longest int) (string, error) {
	id := strings.ToLower(given)
	if !idPattern.MatchString(id) || len(id) > longest {
		return "", invalid("The parameter %s is not a valid identifier: %s. It has 1 to %d letters, digits and single hyphens, a letter first.", member, given, longest)
	}
	return id, nil
}

func checkGroupName(member, given string) (string, error) {
	name := strings.ToLower(given)
	if !groupPattern.MatchString(name) || len(name) > 255 {
		return "", invalid("The parameter %s is not a valid identifier: %s", member, given)
	}
	return name, nil
}

func checkToken(token string) error {
	if !tokenPattern.MatchString(token) || strings.ContainsAny(token, `/@"`) {
		return invalid("Invalid AuthToken provided: 16 to 128 printable ASCII characters besides '/', '@', '\"', ' ' may be used")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return elasticacheapi.NewInvalidParameterValueException(format, args...)
}

func combination(format string, args ...any) error {
	return elasticacheapi.NewInvalidParameterCombinationException(format, args...)
}

// names are where clients reach a cache. AWS's names differ with encryption in
// transit, and between a group and a cluster that stands alone.
type names struct {
	primary, reader string
	node            func(n int64) string // of the n-th member, counted from 1
}

func namesOf(c Cache) names {
	scope, _ := arn.SplitKey(c.Key)
	id := c.ID()
	tail := accountLabel(scope) + "." // "abc123."
	end := shortRegion(scope.Region) + ".cache.amazonaws.com"
	switch {
	case c.Kind() == kindCluster:
		name := id + "." + tail + "0001." + end
		return names{name, name, func(int64) string { return name }}
	case c.Spec.TransitEncryption:
		return names{
			"master." + id + "." + tail + end, "replica." + id + "." + tail + end,
			func(n int64) string { return memberID(id, n) + "." + id + "." + tail + end },
		}
	}
	return names{
		id + "." + tail + "ng.0001." + end, id + "-ro." + tail + "ng.0001." + end,
		func(n int64) string { return memberID(id, n) + "." + tail + "0001." + end },
	}
}

// all lists the names of a cache with so many members, each once.
func (n names) all(members int64) []string {
	out := []string{n.primary}
	if n.reader != n.primary {
		out = append(out, n.reader)
	}
	for i := range members {
		if name := n.node(i + 1); name != n.primary {
			out = append(out, name)
		}
	}
	return out
}

// memberID is the name of a replication group's n-th cluster.
func memberID(group string, n int64) string { return fmt.Sprintf("%s-%03d", group, n) }

func accountLabel(scope arn.Scope) string {
	sum := sha256.Sum256([]byte(scope.Prefix()))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:6])
}

var directions = strings.NewReplacer(
	"northeast", "ne", "northwest", "nw", "southeast", "se", "southwest", "sw",
	"north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "-", "",
)

// shortRegion is how cache names spell a region: us-east-1 is use1.
func shortRegion(region string) string { return directions.Replace(region) }
