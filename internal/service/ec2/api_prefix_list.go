package ec2

import (
	"net/netip"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

// Families of addresses, as prefix lists name them.
const (
	familyIPv4 = "IPv4"
	familyIPv6 = "IPv6"
)

// maxPrefixes is how many entries a list may be made for.
const maxPrefixes = 1000

func createManagedPrefixList(c change, in *ec2api.CreateManagedPrefixListRequest) (*ec2api.CreateManagedPrefixListResult, error) {
	spec := PrefixListSpec{
		Name: api.Val(in.PrefixListName), Family: api.Val(in.AddressFamily), Max: api.Val(in.MaxEntries),
		Versions: []PrefixVersion{{Number: 1}}, State: ec2api.PrefixListStateCreateComplete,
	}
	switch {
	case spec.Family != familyIPv4 && spec.Family != familyIPv6:
		return nil, invalidValue("Value (%s) for parameter addressFamily is invalid. Valid values are IPv4 and IPv6.", spec.Family)
	case spec.Name == "" || len(spec.Name) > 255 || strings.HasPrefix(spec.Name, "com.amazonaws"):
		return nil, invalidValue("Value (%s) for parameter prefixListName is invalid. Names have up to 255 characters and do not begin with com.amazonaws.", spec.Name)
	case spec.Max < 1 || spec.Max > maxPrefixes:
		return nil, invalidValue("Value (%d) for parameter maxEntries is invalid. Expecting a value between 1 and %d.", spec.Max, maxPrefixes)
	}
	entries, err := spec.with(nil, in.Entries)
	if err != nil {
		return nil, err
	}
	spec.Versions[0].Entries = entries
	list := PrefixList{Key: c.key(awsid.New("pl")), Spec: spec}
	PrefixLists.Put(c.tx, list)
	if err := c.tagNew("prefix-list", list.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateManagedPrefixListResult{PrefixList: api.Ptr(c.prefixList(list))}, nil
}

// with adds entries to those that a version has; one that is there gets another
// description.
func (s PrefixListSpec) with(have []PrefixEntry, added []ec2api.AddPrefixListEntry) ([]PrefixEntry, error) {
	entries := slices.Clone(have)
	for _, a := range added {
		p, err := netip.ParsePrefix(api.Val(a.Cidr))
		if err != nil || p.Addr().Is4() != (s.Family == familyIPv4) || p != p.Masked() {
			return nil, invalidValue("Value (%s) for parameter Cidr is invalid. This is not a valid %s CIDR block.", api.Val(a.Cidr), s.Family)
		}
		e := PrefixEntry{p.String(), api.Val(a.Description)}
		if at := slices.IndexFunc(entries, func(o PrefixEntry) bool { return o.CIDR == e.CIDR }); at >= 0 {
			entries[at] = e
			continue
		}
		entries = append(entries, e)
	}
	if len(entries) > int(s.Max) {
		return nil, api.Invalid("PrefixListMaxEntriesExceeded", "The prefix list can have at most %d entries.", s.Max)
	}
	return entries, nil
}

func (v view) getPrefixList(id *string) (PrefixList, error) {
	list, ok := PrefixLists.Get(v.r, v.key(api.Val(id)))
	if ok {
		return list, nil
	}
	if _, ok := findManaged(v.scope, api.Val(id)); ok {
		return list, api.Invalid("UnauthorizedOperation", "The prefix list '%s' belongs to AWS and cannot be changed", *id)
	}
	return list, noPrefixList(api.Val(id))
}

func noPrefixList(id string) error {
	return notFound("InvalidPrefixListID.NotFound", "prefix list", id)
}

// knownPrefixList reports whether rules and routes may name a list.
func (v view) knownPrefixList(id string) bool {
	_, ok := PrefixLists.Get(v.r, v.key(id))
	if !ok {
		_, ok = findManaged(v.scope, id)
	}
	return ok
}

func modifyManagedPrefixList(c change, in *ec2api.ModifyManagedPrefixListRequest) (*ec2api.ModifyManagedPrefixListResult, error) {
	list, err := c.getPrefixList(in.PrefixListId)
	if err != nil {
		return nil, err
	}
	spec := list.Spec
	changes := len(in.AddEntries)+len(in.RemoveEntries) > 0
	switch {
	case changes && in.CurrentVersion == nil:
		return nil, api.Invalid("MissingParameter", "The request must contain the parameter CurrentVersion when entries change.")
	case in.CurrentVersion != nil && *in.CurrentVersion != spec.current().Number:
		return nil, api.Invalid("PrefixListVersionMismatch", "The prefix list has the version %d, not %d.", spec.current().Number, *in.CurrentVersion)
	case changes && in.MaxEntries != nil:
		return nil, api.Invalid("InvalidParameterCombination", "The size of a prefix list and its entries cannot be changed in one request.")
	case in.MaxEntries != nil && (*in.MaxEntries > maxPrefixes || int(*in.MaxEntries) < max(1, len(spec.current().Entries))):
		return nil, invalidValue("Value (%d) for parameter maxEntries is invalid.", *in.MaxEntries)
	}
	spec.Name, spec.Max = api.Or(in.PrefixListName, spec.Name), api.Or(in.MaxEntries, spec.Max)
	if changes {
		entries, err := spec.without(in.RemoveEntries)
		if err == nil {
			entries, err = spec.with(entries, in.AddEntries)
		}
		if err != nil {
			return nil, err
		}
		spec.Versions = append(slices.Clone(spec.Versions), PrefixVersion{spec.current().Number + 1, entries})
	}
	spec.State = ec2api.PrefixListStateModifyComplete
	return &ec2api.ModifyManagedPrefixListResult{PrefixList: c.putPrefixList(list, spec)}, nil
}

func (s PrefixListSpec) without(removed []ec2api.RemovePrefixListEntry) ([]PrefixEntry, error) {
	entries := slices.Clone(s.current().Entries)
	for _, r := range removed {
		at := slices.IndexFunc(entries, func(e PrefixEntry) bool { return e.CIDR == api.Val(r.Cidr) })
		if at < 0 {
			return nil, invalidValue("The prefix list has no entry %s.", api.Val(r.Cidr))
		}
		entries = slices.Delete(entries, at, at+1)
	}
	return entries, nil
}

func (c change) putPrefixList(list PrefixList, spec PrefixListSpec) *ec2api.ManagedPrefixList {
	list.Spec = spec
	PrefixLists.Put(c.tx, list)
	return api.Ptr(c.prefixList(list))
}

// restoreManagedPrefixListVersion makes what an older version held the newest.
func restoreManagedPrefixListVersion(c change, in *ec2api.RestoreManagedPrefixListVersionRequest) (*ec2api.RestoreManagedPrefixListVersionResult, error) {
	list, err := c.getPrefixList(in.PrefixListId)
	if err != nil {
		return nil, err
	}
	spec := list.Spec
	if api.Val(in.CurrentVersion) != spec.current().Number {
		return nil, api.Invalid("PrefixListVersionMismatch", "The prefix list has the version %d, not %d.", spec.current().Number, api.Val(in.CurrentVersion))
	}
	at := slices.IndexFunc(spec.Versions, func(o PrefixVersion) bool { return o.Number == api.Val(in.PreviousVersion) })
	if at < 0 {
		return nil, noVersion(in.PreviousVersion)
	}
	spec.Versions = append(slices.Clone(spec.Versions), PrefixVersion{spec.current().Number + 1, spec.Versions[at].Entries})
	spec.State = ec2api.PrefixListStateRestoreComplete
	return &ec2api.RestoreManagedPrefixListVersionResult{PrefixList: c.putPrefixList(list, spec)}, nil
}

func noVersion(number *int64) error {
	return invalidValue("The prefix list has no version %d.", api.Val(number))
}

func deleteManagedPrefixList(c change, in *ec2api.DeleteManagedPrefixListRequest) (*ec2api.DeleteManagedPrefixListResult, error) {
	list, err := c.getPrefixList(in.PrefixListId)
	if err != nil {
		return nil, err
	}
	for _, g := range SecurityGroups.Prefix(c.r, c.scope.Prefix()) {
		if slices.ContainsFunc(g.Spec.Rules, func(r GroupRule) bool { return r.PrefixListID == list.ID() }) {
			return nil, inUse("prefixList", list.ID())
		}
	}
	for _, t := range RouteTables.Prefix(c.r, c.scope.Prefix()) {
		if slices.ContainsFunc(t.Spec.Routes, func(r Route) bool { return r.PrefixList == list.ID() }) {
			return nil, inUse("prefixList", list.ID())
		}
	}
	shown := c.prefixList(list)
	c.remove(list.ID(), PrefixLists.Delete(c.tx, list.Key))
	shown.State = api.Ptr(ec2api.PrefixListStateDeleteComplete)
	return &ec2api.DeleteManagedPrefixListResult{PrefixList: &shown}, nil
}

func (v view) prefixList(o PrefixList) ec2api.ManagedPrefixList {
	id := o.ID()
	return ec2api.ManagedPrefixList{
		PrefixListId: &id, PrefixListName: &o.Spec.Name, AddressFamily: &o.Spec.Family, MaxEntries: &o.Spec.Max, State: &o.Spec.State,
		Version: api.Ptr(o.Spec.current().Number), PrefixListArn: api.Ptr(v.scope.ARN("ec2", "prefix-list/"+id)),
		OwnerId: &v.scope.Account, Tags: v.tags(id),
	}
}

func (l managedList) show(region string) ec2api.ManagedPrefixList {
	return ec2api.ManagedPrefixList{
		PrefixListId: &l.id, PrefixListName: &l.name, AddressFamily: api.Ptr(familyIPv4), State: api.Ptr(ec2api.PrefixListStateCreateComplete),
		PrefixListArn: api.Ptr("arn:aws:ec2:" + region + ":aws:prefix-list/" + l.id), OwnerId: api.Ptr(managedFor),
	}
}

var prefixListCatalog = catalog[ec2api.ManagedPrefixList]{
	least:   1,
	id:      func(o *ec2api.ManagedPrefixList) string { return *o.PrefixListId },
	tags:    func(o *ec2api.ManagedPrefixList) []ec2api.Tag { return o.Tags },
	missing: noPrefixList,
	filters: map[string]func(*ec2api.ManagedPrefixList) []string{
		"prefix-list-id":   one(func(o *ec2api.ManagedPrefixList) *string { return o.PrefixListId }),
		"prefix-list-name": one(func(o *ec2api.ManagedPrefixList) *string { return o.PrefixListName }),
		"owner-id":         one(func(o *ec2api.ManagedPrefixList) *string { return o.OwnerId }),
	},
}

// prefixLists shows the lists of the caller and those that the region gives, in
// the order of their ids.
func (v view) prefixLists() []ec2api.ManagedPrefixList {
	var all []ec2api.ManagedPrefixList
	for _, o := range PrefixLists.Prefix(v.r, v.scope.Prefix()) {
		all = append(all, v.prefixList(o))
	}
	for _, l := range managedLists(v.scope) {
		all = append(all, l.show(v.scope.Region))
	}
	slices.SortFunc(all, func(a, b ec2api.ManagedPrefixList) int { return compareText(a.PrefixListId, b.PrefixListId) })
	return all
}

func describeManagedPrefixLists(v view, in *ec2api.DescribeManagedPrefixListsRequest) (*ec2api.DescribeManagedPrefixListsResult, error) {
	page, next, err := prefixListCatalog.list(v.prefixLists(), query{in.PrefixListIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeManagedPrefixListsResult{PrefixLists: page, NextToken: next}, err
}

// describePrefixLists shows the lists of services alone, with their blocks.
func describePrefixLists(v view, in *ec2api.DescribePrefixListsRequest) (*ec2api.DescribePrefixListsResult, error) {
	var all []ec2api.ManagedPrefixList
	for _, l := range managedLists(v.scope) {
		all = append(all, l.show(v.scope.Region))
	}
	page, next, err := prefixListCatalog.list(all, query{in.PrefixListIds, in.Filters, in.MaxResults, in.NextToken})
	out := &ec2api.DescribePrefixListsResult{NextToken: next}
	for _, l := range page {
		found, _ := findManaged(v.scope, *l.PrefixListId)
		out.PrefixLists = append(out.PrefixLists, ec2api.PrefixList{PrefixListId: l.PrefixListId, PrefixListName: l.PrefixListName, Cidrs: []string{found.block}})
	}
	return out, err
}

func getManagedPrefixListEntries(v view, in *ec2api.GetManagedPrefixListEntriesRequest) (*ec2api.GetManagedPrefixListEntriesResult, error) {
	if l, ok := findManaged(v.scope, api.Val(in.PrefixListId)); ok {
		return &ec2api.GetManagedPrefixListEntriesResult{Entries: []ec2api.PrefixListEntry{{Cidr: &l.block}}}, nil
	}
	list, err := v.getPrefixList(in.PrefixListId)
	if err != nil {
		return nil, err
	}
	version := list.Spec.current()
	if in.TargetVersion != nil {
		at := slices.IndexFunc(list.Spec.Versions, func(o PrefixVersion) bool { return o.Number == *in.TargetVersion })
		if at < 0 {
			return nil, noVersion(in.TargetVersion)
		}
		version = list.Spec.Versions[at]
	}
	var all []ec2api.PrefixListEntry
	for _, e := range slices.SortedFunc(slices.Values(version.Entries), func(a, b PrefixEntry) int { return strings.Compare(a.CIDR, b.CIDR) }) {
		shown := ec2api.PrefixListEntry{Cidr: api.Ptr(e.CIDR)}
		if e.Description != "" {
			shown.Description = api.Ptr(e.Description)
		}
		all = append(all, shown)
	}
	page, next, err := entryCatalog.list(all, query{max: in.MaxResults, token: in.NextToken})
	return &ec2api.GetManagedPrefixListEntriesResult{Entries: page, NextToken: next}, err
}

var entryCatalog = catalog[ec2api.PrefixListEntry]{
	least: 1,
	id:    func(o *ec2api.PrefixListEntry) string { return *o.Cidr },
	tags:  func(*ec2api.PrefixListEntry) []ec2api.Tag { return nil },
}
