package route53

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/api/route53api"
	"apex/internal/arn"
	"apex/internal/dataplane/dns"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// aliasTTL is what answers by aliases to AWS's resources have, in seconds.
const aliasTTL = 60

// domainOf compiles a zone for one region. It decides nothing by itself: the same
// rows give the same domain.
func domainOf(r store.Reader, zone *HostedZone, region string) dns.Domain {
	c := compiler{r: r, zone: zone, region: region}
	d := dns.Domain{Name: strings.TrimSuffix(wire(zone.Spec.Name), "."), Private: zone.Spec.Private}
	var group []route53api.ResourceRecordSet
	for _, rec := range Records.Prefix(r, recordPrefix(zone)) {
		if len(group) > 0 && (*group[0].Name != *rec.Spec.Name || *group[0].Type != *rec.Spec.Type) {
			d.Sets = append(d.Sets, c.set(group))
			group = nil
		}
		group = append(group, rec.Spec)
	}
	if len(group) > 0 {
		d.Sets = append(d.Sets, c.set(group))
	}
	return d
}

// A compiler turns a zone's records into what resolvers answer by.
type compiler struct {
	r      store.Reader
	zone   *HostedZone
	region string
}

// set compiles the record sets of one name and type.
func (c compiler) set(sets []route53api.ResourceRecordSet) dns.Set {
	first := &sets[0]
	out := dns.Set{Name: strings.TrimSuffix(wire(*first.Name), "."), Type: *first.Type}
	chosen := choose(sets, c.region, func(r *route53api.ResourceRecordSet) bool { return c.healthy(r, 0) })
	if first.MultiValueAnswer != nil {
		out.Limit = mostAnswers
		out.Choices = []dns.Choice{together(chosen)}
		return out
	}
	for i := range chosen {
		out.Choices = append(out.Choices, c.choice(&chosen[i]))
	}
	return out
}

// together joins the values of several record sets.
func together(sets []route53api.ResourceRecordSet) dns.Choice {
	var out dns.Choice
	for i := range sets {
		out.TTL = uint32(api.Val(sets[i].TTL))
		for _, v := range lines(&sets[i]) {
			if !slices.Contains(out.Values, v) {
				out.Values = append(out.Values, v)
			}
		}
	}
	return out
}

func (c compiler) choice(r *route53api.ResourceRecordSet) dns.Choice {
	out := dns.Choice{Weight: int(api.Val(r.Weight)), TTL: uint32(api.Val(r.TTL)), Values: lines(r)}
	if r.AliasTarget == nil {
		return out
	}
	target := strings.TrimSuffix(wire(*r.AliasTarget.DNSName), ".")
	out.TTL = aliasTTL
	if *r.Type == route53api.RRTypeA && bareID(*r.AliasTarget.HostedZoneId) != c.zone.ID() {
		out.Values = addressesOf(c.r, c.account(), target)
	}
	if len(out.Values) == 0 {
		out.Alias = target
	}
	return out
}

func (c compiler) account() string {
	scope, _ := arn.SplitKey(c.zone.Key)
	return scope.Account
}

// addressesOf are those of a name inside any VPC of an account: an alias leads to
// a load balancer whatever network asks for it.
func addressesOf(r store.Reader, account, name string) (list []string) {
	for _, n := range ec2.Names.Prefix(r, account+"/") {
		if n.Spec.Name == name || "dualstack."+n.Spec.Name == name {
			for _, a := range n.Spec.Addresses {
				list = append(list, a.String())
			}
			return list
		}
	}
	return nil
}

// healthy says what is known of a record set's health: its health check, and for
// an alias that evaluates its target, the target.
func (c compiler) healthy(r *route53api.ResourceRecordSet, depth int) bool {
	scope := arn.Scope{Account: c.account()}
	if id := r.HealthCheckId; id != nil && !healthOf(c.r, scope, *id, 0).healthy {
		return false
	}
	if a := r.AliasTarget; a != nil && api.Val(a.EvaluateTargetHealth) && depth < deepest {
		return c.targetHealthy(a, *r.Type, depth+1)
	}
	return true
}

// deepest bounds how many aliases are followed for a record set's health.
const deepest = 8

// targetHealthy looks at a load balancer's targets, or at the record sets of the
// same zone. All else is taken for healthy.
func (c compiler) targetHealthy(a *route53api.AliasTarget, kind string, depth int) bool {
	if bareID(*a.HostedZoneId) == c.zone.ID() {
		none := true
		for _, rec := range Records.Prefix(c.r, recordPrefix(c.zone)+reversed(*a.DNSName)+" "+kind+" ") {
			if none = false; c.healthy(&rec.Spec, depth) {
				return true
			}
		}
		return none
	}
	name := strings.TrimPrefix(strings.TrimSuffix(*a.DNSName, "."), "dualstack.")
	for _, b := range elbv2.LoadBalancers.Prefix(c.r, c.account()+"/") {
		if strings.EqualFold(b.Spec.DNSName, name) {
			return balancerHealthy(&b)
		}
	}
	return true
}

// balancerHealthy reports whether a load balancer has a target that is well. One
// without targets is ill, as in AWS.
func balancerHealthy(b *elbv2.LoadBalancer) bool {
	if len(b.Status.Targets) == 0 {
		return false
	}
	for _, t := range b.Status.Targets {
		if t.Health == elbv2api.TargetHealthStateEnumHealthy || t.Health == elbv2api.TargetHealthStateEnumUnused {
			return true
		}
	}
	return false
}
