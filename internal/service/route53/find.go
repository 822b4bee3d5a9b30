package route53

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/arn"
	"apex/internal/store"
)

// newID returns an id such as "Z0123456789ABCDEFGHIJ".
func newID(prefix string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := make([]byte, 20)
	rand.Read(b)
	for i := range b {
		b[i] = digits[int(b[i])%len(digits)]
	}
	return prefix + string(b)
}

// bareID cuts "/hostedzone/Z…" down to "Z…".
func bareID(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// find returns the zone that a call names.
func find(r store.Reader, scope arn.Scope, id *string) (HostedZone, error) {
	z, ok := HostedZones.Get(r, scope.Key(bareID(api.Val(id))))
	if !ok {
		return z, route53api.NewNoSuchHostedZone("No hosted zone found with ID: %s", bareID(api.Val(id)))
	}
	return z, nil
}

// change edits a zone in one transaction and keeps a record of it.
func (s *Service) change(ctx context.Context, call *api.Call, id, comment *string, edit func(*store.Tx, *HostedZone) error) (*route53api.ChangeInfo, error) {
	var info *route53api.ChangeInfo
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		zone, err := find(tx, scopeOf(call), id)
		if err != nil {
			return err
		}
		if err := free(&zone); err != nil {
			return err
		}
		if err := edit(tx, &zone); err != nil {
			return err
		}
		info = record(tx, call, &zone, comment)
		return nil
	})
	return info, err
}

// record counts a change of a zone, puts the zone, and makes the change's row.
func record(tx *store.Tx, call *api.Call, zone *HostedZone, comment *string) *route53api.ChangeInfo {
	zone.Spec.Serial++
	HostedZones.Put(tx, *zone)
	c := Change{Key: scopeOf(call).Key(newID("C")), Spec: ChangeSpec{
		Zone: zone.Key, Serial: zone.Spec.Serial, Comment: comment, SubmittedAt: call.Now,
	}}
	Changes.Put(tx, c)
	return infoOf(tx, &c)
}

// infoOf describes a change. One of a zone that is gone is done.
func infoOf(r store.Reader, c *Change) *route53api.ChangeInfo {
	status := route53api.ChangeStatusInsync
	if zone, ok := HostedZones.Get(r, c.Spec.Zone); ok && zone.Status.Published < c.Spec.Serial {
		status = route53api.ChangeStatusPending
	}
	return &route53api.ChangeInfo{
		Id: api.Ptr("/change/" + idOf(c.Key)), Status: &status, SubmittedAt: &c.Spec.SubmittedAt, Comment: c.Spec.Comment,
	}
}

// pageSize reads a MaxItems, which is text in this API.
func pageSize(text *string, most int) (int, error) {
	if text == nil {
		return most, nil
	}
	n, err := strconv.Atoi(*text)
	if err != nil || n < 1 {
		return 0, route53api.NewInvalidInput("Invalid value for maxitems: %s is not a positive number", *text)
	}
	return min(n, most), nil
}

// page returns the items from the one that start names, and the name of the next
// page's first.
func page[T any](all []T, name func(*T) string, start *string, limit int) ([]T, *string) {
	from := 0
	if start != nil {
		for from < len(all) && name(&all[from]) < *start {
			from++
		}
	}
	all = all[from:]
	if len(all) <= limit {
		return all, nil
	}
	return all[:limit], api.Ptr(name(&all[limit]))
}

func countText(n int) *string { return api.Ptr(strconv.Itoa(n)) }
