package route53

import (
	"net/http"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
)

// An Owner is a service that keeps a zone for its own names.
type Owner struct {
	Principal   string // "servicediscovery.amazonaws.com"
	Description string
}

// RequestZone makes a hosted zone that belongs to another service: one for a
// VPC, or a public one. It returns its id.
func RequestZone(tx *store.Tx, call *api.Call, name, reference string, vpc *route53api.VPC, owner Owner) (string, error) {
	in := &route53api.CreateHostedZoneRequest{Name: &name, CallerReference: &reference, VPC: vpc}
	spec, err := newZone(in)
	if err != nil {
		return "", err
	}
	spec.Owner, spec.Comment = &owner, api.Ptr(owner.Description)
	zone := HostedZone{Key: scopeOf(call).Key(newID("Z")), Spec: spec}
	if err := admit(tx, call, &zone, in); err != nil {
		return "", err
	}
	addOwnRecords(tx, &zone)
	record(tx, call, &zone, nil)
	return zone.ID(), nil
}

// ReleaseZone removes such a zone with all that is in it. What is gone is no error.
func ReleaseZone(tx *store.Tx, account, id string) {
	zone, ok := HostedZones.Get(tx, global(account).Key(id))
	if !ok {
		return
	}
	for key := range Records.Prefix(tx, recordPrefix(&zone)) {
		Records.Delete(tx, key)
	}
	HostedZones.Delete(tx, zone.Key)
}

// PutRecord makes or replaces a record set of such a zone, whose name is
// canonical: in lower case, with a final dot.
func PutRecord(tx *store.Tx, account, id string, set route53api.ResourceRecordSet) {
	if zone, ok := HostedZones.Get(tx, global(account).Key(id)); ok {
		Records.Put(tx, Record{Key: recordKey(&zone, &set), Spec: set})
	}
}

// DeleteRecord removes a record set of such a zone. What is gone is no error.
func DeleteRecord(tx *store.Tx, account, id string, set route53api.ResourceRecordSet) {
	if zone, ok := HostedZones.Get(tx, global(account).Key(id)); ok {
		Records.Delete(tx, recordKey(&zone, &set))
	}
}

// linked describes the service that a zone belongs to.
func linked(zone *HostedZone) *route53api.LinkedService {
	if zone.Spec.Owner == nil {
		return nil
	}
	return &route53api.LinkedService{ServicePrincipal: &zone.Spec.Owner.Principal, Description: &zone.Spec.Owner.Description}
}

// free refuses to change what belongs to another service.
func free(zone *HostedZone) error {
	if zone.Spec.Owner == nil {
		return nil
	}
	return api.Errorf("AccessDenied", http.StatusForbidden, "The resource hostedzone/%s can only be managed through %s", zone.ID(), zone.Spec.Owner.Principal)
}
