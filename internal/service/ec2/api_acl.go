package ec2

import (
	"slices"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func createNetworkAcl(c change, in *ec2api.CreateNetworkAclRequest) (*ec2api.CreateNetworkAclResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	acl := NetworkACL{Key: c.key(awsid.New("acl")), Spec: NetworkACLSpec{VPCID: vpc.ID(), Entries: []ACLEntry{}}}
	NetworkACLs.Put(c.tx, acl)
	if err := c.tagNew("network-acl", acl.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateNetworkAclResult{NetworkAcl: api.Ptr(c.networkACL(acl)), ClientToken: in.ClientToken}, nil
}

func deleteNetworkAcl(c change, in *ec2api.DeleteNetworkAclRequest) (*ec2api.DeleteNetworkAclOutput, error) {
	acl, err := c.getACL(in.NetworkAclId)
	if err != nil {
		return nil, err
	}
	if acl.Spec.Default {
		return nil, invalidValue("networkAcl '%s' is the default network ACL of its VPC and cannot be deleted.", acl.ID())
	}
	if len(c.subnetsOf(acl.ID())) > 0 {
		return nil, inUse("networkAcl", acl.ID())
	}
	c.remove(acl.ID(), NetworkACLs.Delete(c.tx, acl.Key))
	return nil, nil
}

func (v view) getACL(id *string) (NetworkACL, error) {
	acl, ok := NetworkACLs.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return acl, notFound("InvalidNetworkAclID.NotFound", "networkAcl", api.Val(id))
	}
	return acl, nil
}

// defaultACL returns the id of the network ACL that a VPC was made with.
func (v view) defaultACL(vpcID string) string {
	for _, a := range NetworkACLs.Prefix(v.r, v.scope.Prefix()) {
		if a.Spec.VPCID == vpcID && a.Spec.Default {
			return a.ID()
		}
	}
	return ""
}

func createNetworkAclEntry(c change, in *ec2api.CreateNetworkAclEntryRequest) (*ec2api.CreateNetworkAclEntryOutput, error) {
	acl, e, err := c.entry(in)
	if err != nil {
		return nil, err
	}
	entries := acl.Spec.entries()
	if slices.ContainsFunc(entries, e.samePlace) {
		return nil, api.Invalid("NetworkAclEntryAlreadyExists", "The network acl entry identified by %d already exists.", e.Number)
	}
	count := 0
	for _, other := range entries {
		if other.Egress == e.Egress {
			count++
		}
	}
	if count >= maxEntries {
		return nil, api.Invalid("NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached.")
	}
	c.putEntries(acl, append(slices.Clone(entries), e))
	return nil, nil
}

func replaceNetworkAclEntry(c change, in *ec2api.ReplaceNetworkAclEntryRequest) (*ec2api.ReplaceNetworkAclEntryOutput, error) {
	acl, e, err := c.entry((*ec2api.CreateNetworkAclEntryRequest)(in))
	if err != nil {
		return nil, err
	}
	entries := slices.Clone(acl.Spec.entries())
	at := slices.IndexFunc(entries, e.samePlace)
	if at < 0 {
		return nil, noEntry(e.Number, e.Egress, acl)
	}
	entries[at] = e
	c.putEntries(acl, entries)
	return nil, nil
}

func deleteNetworkAclEntry(c change, in *ec2api.DeleteNetworkAclEntryRequest) (*ec2api.DeleteNetworkAclEntryOutput, error) {
	acl, err := c.getACL(in.NetworkAclId)
	if err != nil {
		return nil, err
	}
	e := ACLEntry{Number: api.Val(in.RuleNumber), Egress: api.Val(in.Egress)}
	entries := slices.Clone(acl.Spec.entries())
	at := slices.IndexFunc(entries, e.samePlace)
	if at < 0 {
		return nil, noEntry(e.Number, e.Egress, acl)
	}
	c.putEntries(acl, slices.Delete(entries, at, at+1))
	return nil, nil
}

// entry reads the entry of a request, and finds the ACL that it is for.
func (v view) entry(in *ec2api.CreateNetworkAclEntryRequest) (NetworkACL, ACLEntry, error) {
	acl, err := v.getACL(in.NetworkAclId)
	if err != nil {
		return acl, ACLEntry{}, err
	}
	e, err := entryOf(in)
	return acl, e, err
}

func (e ACLEntry) samePlace(o ACLEntry) bool { return e.Number == o.Number && e.Egress == o.Egress }

func noEntry(number int64, egress bool, acl NetworkACL) error {
	direction := map[bool]string{false: "ingress", true: "egress"}[egress]
	return api.Invalid("InvalidNetworkAclEntry.NotFound", "The specified %s entry with rule number %d does not exist in network ACL %s", direction, number, acl.ID())
}

func (c change) putEntries(acl NetworkACL, entries []ACLEntry) {
	slices.SortFunc(entries, byNumber)
	NetworkACLs.Modify(c.tx, acl.Key, func(a *NetworkACL) { a.Spec.Entries = entries })
}

// replaceNetworkAclAssociation gives a subnet another ACL.
func replaceNetworkAclAssociation(c change, in *ec2api.ReplaceNetworkAclAssociationRequest) (*ec2api.ReplaceNetworkAclAssociationResult, error) {
	acl, err := c.getACL(in.NetworkAclId)
	if err != nil {
		return nil, err
	}
	for key, s := range Subnets.Prefix(c.r, c.scope.Prefix()) {
		if s.Spec.ACLAssociationID != api.Val(in.AssociationId) {
			continue
		}
		if s.Spec.VPCID != acl.Spec.VPCID {
			return nil, invalidValue("Network ACL %s and subnet %s belong to different networks", acl.ID(), s.ID())
		}
		id := awsid.New("aclassoc")
		Subnets.Modify(c.tx, key, func(s *Subnet) { s.Spec.ACLID, s.Spec.ACLAssociationID = acl.ID(), id })
		return &ec2api.ReplaceNetworkAclAssociationResult{NewAssociationId: &id}, nil
	}
	return nil, notFound("InvalidAssociationID.NotFound", "association", api.Val(in.AssociationId))
}

func (v view) networkACL(o NetworkACL) ec2api.NetworkAcl {
	id := o.ID()
	out := ec2api.NetworkAcl{
		NetworkAclId: &id, VpcId: &o.Spec.VPCID, OwnerId: &v.scope.Account, IsDefault: &o.Spec.Default, Tags: v.tags(id),
	}
	closing := ACLEntry{Number: closingEntry, Protocol: "-1", CIDR: "0.0.0.0/0"}
	for _, egress := range []bool{true, false} {
		for _, e := range o.Spec.entries() {
			if e.Egress == egress {
				out.Entries = append(out.Entries, e.show())
			}
		}
		closing.Egress = egress
		out.Entries = append(out.Entries, closing.show())
	}
	for _, s := range v.subnetsOf(id) {
		out.Associations = append(out.Associations, ec2api.NetworkAclAssociation{
			NetworkAclId: &id, NetworkAclAssociationId: api.Ptr(s.Spec.ACLAssociationID), SubnetId: api.Ptr(s.ID()),
		})
	}
	return out
}

func aclAssociationsOf(o *ec2api.NetworkAcl) []ec2api.NetworkAclAssociation { return o.Associations }

func aclEntriesOf(o *ec2api.NetworkAcl) []ec2api.NetworkAclEntry { return o.Entries }

var networkACLCatalog = catalog[ec2api.NetworkAcl]{
	id:      func(o *ec2api.NetworkAcl) string { return *o.NetworkAclId },
	tags:    func(o *ec2api.NetworkAcl) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidNetworkAclID.NotFound", "networkAcl", id) },
	filters: map[string]func(*ec2api.NetworkAcl) []string{
		"network-acl-id":             one(func(o *ec2api.NetworkAcl) *string { return o.NetworkAclId }),
		"vpc-id":                     one(func(o *ec2api.NetworkAcl) *string { return o.VpcId }),
		"owner-id":                   one(func(o *ec2api.NetworkAcl) *string { return o.OwnerId }),
		"default":                    flag(func(o *ec2api.NetworkAcl) *bool { return o.IsDefault }),
		"association.subnet-id":      each(aclAssociationsOf, func(a *ec2api.NetworkAclAssociation) *string { return a.SubnetId }),
		"association.network-acl-id": each(aclAssociationsOf, func(a *ec2api.NetworkAclAssociation) *string { return a.NetworkAclId }),
		"association.association-id": each(aclAssociationsOf, func(a *ec2api.NetworkAclAssociation) *string { return a.NetworkAclAssociationId }),
		"entry.cidr":                 each(aclEntriesOf, func(e *ec2api.NetworkAclEntry) *string { return e.CidrBlock }),
		"entry.ipv6-cidr":            each(aclEntriesOf, func(e *ec2api.NetworkAclEntry) *string { return e.Ipv6CidrBlock }),
		"entry.protocol":             each(aclEntriesOf, func(e *ec2api.NetworkAclEntry) *string { return e.Protocol }),
		"entry.rule-action":          each(aclEntriesOf, func(e *ec2api.NetworkAclEntry) *string { return e.RuleAction }),
		"entry.rule-number": each(aclEntriesOf, func(e *ec2api.NetworkAclEntry) *string {
			return api.Ptr(strconv.FormatInt(*e.RuleNumber, 10))
		}),
		"entry.egress": each(aclEntriesOf, func(e *ec2api.NetworkAclEntry) *string { return api.Ptr(strconv.FormatBool(*e.Egress)) }),
	},
}

func describeNetworkAcls(v view, in *ec2api.DescribeNetworkAclsRequest) (*ec2api.DescribeNetworkAclsResult, error) {
	page, next, err := listed(v, NetworkACLs, v.networkACL, networkACLCatalog, query{in.NetworkAclIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeNetworkAclsResult{NetworkAcls: page, NextToken: next}, err
}
