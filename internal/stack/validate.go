package stack

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// maxName is what AWS allows for the names of balancers and target groups.
const maxName = 32

var (
	nameForm   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	envForm    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	zones      = []string{"a", "b", "c"}
	retentions = []Days{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

// validate checks what no single value can know of itself.
func (d *decoder) validate(s *Stack) {
	switch {
	case s.Name == "":
		d.report("name", "a stack needs a name").Hint = "add `name: my-stack` as the first line"
	case !nameForm.MatchString(s.Name):
		d.report("name", "`%s` is no name: a letter, then letters, digits and single dashes, all lower case", s.Name)
	}
	if !regionForm.MatchString(s.Region) {
		d.report("region", "`%s` is no AWS region such as us-east-1", s.Region)
	}
	if !slices.Contains(retentions, s.Logs.Retention) {
		d.report("logs.retention", "CloudWatch Logs keeps no %d days", s.Logs.Retention).Hint = "it takes " + numbers(retentions) + " days"
	}
	if s.Registry.Keep < 1 || s.Registry.Keep > 1000 {
		d.report("registry.keep", "%d is not between 1 and 1000 images", s.Registry.Keep)
	}
	d.network(&s.Network)
	d.https(s)
	d.services(s)
	d.secrets(s)
	d.data(s)
}

// network checks that the subnets lie in the VPC and apart from each other.
func (d *decoder) network(n *Network) {
	if n.CIDR.Bits() < 16 || n.CIDR.Bits() > 28 {
		d.report("network.cidr", "a VPC is between /16 and /28, not /%d", n.CIDR.Bits())
	}
	if n.Zones < 2 || n.Zones > len(zones) {
		d.report("network.zones", "%d zones: a balancer needs 2 or 3", n.Zones)
		return
	}
	type block struct {
		path string
		cidr netip.Prefix
	}
	var blocks []block
	for _, side := range []struct {
		path  string
		cidrs []Prefix
	}{{"network.public", n.Public}, {"network.private", n.Private}} {
		if len(side.cidrs) != n.Zones {
			d.report(side.path, "%d subnets for %d zones", len(side.cidrs), n.Zones).Hint = "give one subnet for each zone"
		}
		for i, cidr := range side.cidrs {
			b := block{fmt.Sprintf("%s[%d]", side.path, i), cidr.Prefix}
			d.subnet(n.CIDR, b.path, cidr)
			for _, other := range blocks {
				if other.cidr.Overlaps(b.cidr) {
					d.report(b.path, "%s overlaps %s (%s)", b.cidr, other.cidr, other.path)
				}
			}
			blocks = append(blocks, b)
		}
	}
}

func (d *decoder) subnet(vpc Prefix, path string, cidr Prefix) {
	switch {
	case !cidr.IsValid():
		d.report(path, "a block of addresses is missing")
	case cidr.Bits() < 16 || cidr.Bits() > 28:
		d.report(path, "a subnet is between /16 and /28, not /%d", cidr.Bits())
	case cidr.Bits() < vpc.Bits() || !vpc.Contains(cidr.Addr()):
		d.report(path, "%s lies outside the VPC's %s", cidr, vpc)
	}
}

// secrets checks that every reference names something.
func (d *decoder) secrets(s *Stack) {
	for _, name := range sortedKeys(s.Secrets) {
		secret := s.Secrets[name]
		path := "secrets." + name
		if !nameForm.MatchString(name) || name == "database" || name == "cache" {
			d.report(path, "`%s` cannot be a secret's name", name)
		}
		if secret.Env != "" && !envForm.MatchString(secret.Env) {
			d.report(path+".env", "`%s` is no name of an environment variable", secret.Env)
		}
		if secret.Required && secret.Env == "" {
			d.report(path, "a required secret needs `env`, the variable that its value comes from")
		}
	}
	known := s.SecretNames()
	for _, svc := range sortedKeys(s.Services) {
		for _, variable := range sortedKeys(s.Services[svc].Secrets) {
			if ref := s.Services[svc].Secrets[variable]; !slices.Contains(known, ref) {
				d.report(join("services", svc)+".secrets."+variable, "no secret `%s`", ref).Hint = suggest(ref, known)
			}
		}
	}
}

// SecretNames are what a service may refer to.
func (s *Stack) SecretNames() []string {
	names := sortedKeys(s.Secrets)
	if s.Database != nil {
		names = append(names, "database.url", "database.host", "database.port", "database.username", "database.password", "database.dbname")
	}
	if s.Cache != nil {
		names = append(names, "cache.url", "cache.host", "cache.port", "cache.password")
	}
	return names
}

// report records a problem of the value at path; if the file does not write
// that value, at the nearest one around it.
func (d *decoder) report(path, format string, args ...any) *Problem {
	at := path
	for at != "" && d.places[at] == nil {
		cut := strings.LastIndexAny(at, ".[")
		at = at[:max(cut, 0)]
	}
	return d.fail(d.places[at], "%s: %w", path, fmt.Errorf(format, args...))
}

func numbers[T ~int](ns []T) string {
	words := make([]string, len(ns))
	for i, n := range ns {
		words[i] = fmt.Sprint(int(n))
	}
	return list(words)
}
