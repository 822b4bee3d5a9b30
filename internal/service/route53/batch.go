package route53

import (
	"fmt"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
)

// A batch makes the changes of one call to a zone's records and collects what is
// wrong with them: all are made or none.
type batch struct {
	tx      *store.Tx
	zone    *HostedZone
	touched map[string]bool // the names
	faults  []string
}

func (b *batch) fault(format string, args ...any) {
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// recordPrefix is what the keys of all records of a zone begin with.
func recordPrefix(zone *HostedZone) string { return zone.Key + "/" }

// recordKey sorts by the reversed name, then the type, then the identifier. No
// name holds a space.
func recordKey(zone *HostedZone, r *route53api.ResourceRecordSet) string {
	return recordPrefix(zone) + reversed(*r.Name) + " " + *r.Type + " " + api.Val(r.SetIdentifier)
}

// run makes all changes; an error names every fault.
func (b *batch) run(changes []route53api.Change) error {
	b.touched = map[string]bool{}
	for i := range changes {
		if err := b.change(&changes[i]); err != nil {
			return err
		}
	}
	if len(b.faults) == 0 {
		b.checkTogether()
	}
	if len(b.faults) == 0 {
		return nil
	}
	return route53api.NewInvalidChangeBatch("[%s]", strings.Join(b.faults, ", "))
}

func (b *batch) change(c *route53api.Change) error {
	r := *c.ResourceRecordSet
	name, err := canonical(*r.Name)
	if err != nil {
		b.fault("FATAL problem: DomainLabelInvalid (%v) encountered with '%s'", err, *r.Name)
		return nil
	}
	r.Name = &name
	if !within(name, b.zone.Spec.Name) {
		b.fault("RRSet with DNS name %s is not permitted in zone %s", name, b.zone.Spec.Name)
		return nil
	}
	key := recordKey(b.zone, &r)
	have, exists := Records.Get(b.tx, key)
	b.touched[name] = true
	if *c.Action == route53api.ChangeActionDelete {
		b.remove(key, &have.Spec, &r, exists)
		return nil
	}
	if *c.Action == route53api.ChangeActionCreate && exists {
		b.fault("Tried to create resource record set [name='%s', type='%s'%s] but it already exists", name, *r.Type, identified(&r))
		return nil
	}
	if err := b.check(&r); err != nil {
		return err
	}
	Records.Put(b.tx, Record{Key: key, Spec: r})
	return nil
}

func identified(r *route53api.ResourceRecordSet) string {
	if r.SetIdentifier == nil {
		return ""
	}
	return ", set identifier='" + *r.SetIdentifier + "'"
}

func (b *batch) remove(key string, have, asked *route53api.ResourceRecordSet, exists bool) {
	what := fmt.Sprintf("[name='%s', type='%s'%s]", *asked.Name, *asked.Type, identified(asked))
	switch {
	case !exists:
		b.fault("Tried to delete resource record set %s but it was not found", what)
	case *asked.Name == b.zone.Spec.Name && *asked.Type == route53api.RRTypeSoa:
		b.fault("A HostedZone must contain exactly one SOA record.")
	case *asked.Name == b.zone.Spec.Name && *asked.Type == route53api.RRTypeNs:
		b.fault("A HostedZone must contain at least one NS record for the zone itself.")
	case !sameRecord(have, asked):
		b.fault("Tried to delete resource record set %s but the values provided do not match the current values", what)
	default:
		Records.Delete(b.tx, key)
	}
}

// sameRecord reports whether two record sets of one key say the same.
func sameRecord(a, b *route53api.ResourceRecordSet) bool {
	if (a.AliasTarget == nil) != (b.AliasTarget == nil) {
		return false
	}
	if a.AliasTarget != nil {
		x, _ := canonical(api.Val(a.AliasTarget.DNSName))
		y, _ := canonical(api.Val(b.AliasTarget.DNSName))
		return x == y && *a.AliasTarget.HostedZoneId == *b.AliasTarget.HostedZoneId
	}
	return api.Val(a.TTL) == api.Val(b.TTL) && slices.Equal(sortedValues(a), sortedValues(b))
}

func sortedValues(r *route53api.ResourceRecordSet) []string {
	var values []string
	for _, rr := range r.ResourceRecords {
		values = append(values, api.Val(rr.Value))
	}
	slices.Sort(values)
	return values
}
