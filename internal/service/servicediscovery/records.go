package servicediscovery

import (
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/service/route53"
	"apex/internal/store"
)

// The attributes of instances that mean something to Cloud Map.
const (
	attributeIPv4  = "AWS_INSTANCE_IPV4"
	attributeIPv6  = "AWS_INSTANCE_IPV6"
	attributePort  = "AWS_INSTANCE_PORT"
	attributeCNAME = "AWS_INSTANCE_CNAME"
	attributeAlias = "AWS_ALIAS_DNS_NAME"
	attributeInit  = "AWS_INIT_HEALTH_STATUS"
)

// recordsOf are what an instance has in its namespace's zone: one of each of the
// service's types, and an address of its own where an SRV record leads to it. It
// decides nothing by itself.
func recordsOf(namespace string, e *Entry, instance string, attributes map[string]string) []route53api.ResourceRecordSet {
	if e.Spec.DNS == nil {
		return nil
	}
	name := strings.ToLower(e.Spec.Name + "." + namespace + ".")
	var sets []route53api.ResourceRecordSet
	for _, r := range e.Spec.DNS.DnsRecords {
		set := route53api.ResourceRecordSet{Name: &name, Type: r.Type, TTL: r.TTL, SetIdentifier: &instance}
		if *e.Spec.DNS.RoutingPolicy == sd.RoutingPolicyWeighted {
			set.Weight = api.Ptr[int64](1)
		} else {
			set.MultiValueAnswer = api.Ptr(true)
		}
		own := strings.ToLower(instance) + "." + name
		value := map[string]string{
			sd.RecordTypeA: attributes[attributeIPv4], sd.RecordTypeAaaa: attributes[attributeIPv6], sd.RecordTypeCname: attributes[attributeCNAME],
			sd.RecordTypeSrv: "1 1 " + attributes[attributePort] + " " + own,
		}[*r.Type]
		if alias := attributes[attributeAlias]; alias != "" {
			set.TTL, set.AliasTarget = nil, &route53api.AliasTarget{HostedZoneId: api.Ptr("ELB"), DNSName: api.Ptr(strings.TrimSuffix(alias, ".") + "."), EvaluateTargetHealth: api.Ptr(true)}
		} else {
			set.ResourceRecords = []route53api.ResourceRecord{{Value: &value}}
		}
		sets = append(sets, set)
		if *r.Type == sd.RecordTypeSrv && attributes[attributeIPv4] != "" {
			address := attributes[attributeIPv4]
			sets = append(sets, route53api.ResourceRecordSet{
				Name: &own, Type: api.Ptr(route53api.RRTypeA), TTL: r.TTL, ResourceRecords: []route53api.ResourceRecord{{Value: &address}},
			})
		}
	}
	return sets
}

// checkAttributes wants an instance to have what the service's records are made
// of.
func checkAttributes(e *Entry, attributes map[string]string) error {
	if e.Spec.DNS == nil || attributes[attributeAlias] != "" {
		return nil
	}
	for _, r := range e.Spec.DNS.DnsRecords {
		needs := map[string]string{
			sd.RecordTypeA: attributeIPv4, sd.RecordTypeAaaa: attributeIPv6, sd.RecordTypeCname: attributeCNAME, sd.RecordTypeSrv: attributePort,
		}[*r.Type]
		if attributes[needs] == "" {
			return sd.NewInvalidInput("The attribute %s is required for the record type %s", needs, *r.Type)
		}
	}
	return nil
}

// publish puts an instance's records into the zone, or takes them out of it while
// the instance is ill.
func publish(tx *store.Tx, e *Entry, i *Instance) {
	if i.Spec.Unhealthy {
		withdraw(tx, e, i)
		return
	}
	n, ok := Namespaces.Get(tx, scopeOfKey(e.Key).Key(e.Spec.Namespace))
	if !ok {
		return
	}
	for _, set := range recordsOf(n.Spec.Name, e, i.name(), i.Spec.Attributes) {
		route53.PutRecord(tx, scopeOfKey(e.Key).Account, n.Spec.Zone, set)
	}
}

func withdraw(tx *store.Tx, e *Entry, i *Instance) {
	n, ok := Namespaces.Get(tx, scopeOfKey(e.Key).Key(e.Spec.Namespace))
	if !ok {
		return
	}
	for _, set := range recordsOf(n.Spec.Name, e, i.name(), i.Spec.Attributes) {
		route53.DeleteRecord(tx, scopeOfKey(e.Key).Account, n.Spec.Zone, set)
	}
}

// republish gives a service's instances the records of another configuration.
func (e *Entry) republish(tx *store.Tx, config *sd.DnsConfig) {
	all := instancesOf(tx, e)
	for i := range all {
		withdraw(tx, e, &all[i])
	}
	e.Spec.DNS = config
	for i := range all {
		publish(tx, e, &all[i])
	}
}

// name is an instance's id without its service's.
func (i *Instance) name() string {
	_, name, _ := strings.Cut(idOf(i.Key), "/")
	return name
}
