package ec2

import (
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

// DHCPOptions are settings that a VPC gives its interfaces.
type DHCPOptions struct {
	Key  string
	Spec DHCPOptionsSpec
}

// ID returns "dopt-…".
func (o DHCPOptions) ID() string { return idOf(o.Key) }

// DHCPOptionsSpec is what the caller asked for.
type DHCPOptionsSpec struct{ Options []DHCPOption }

// A DHCPOption is one setting, in the order in which it was given.
type DHCPOption struct {
	Name   string
	Values []string
}

// dhcpOptions is the set that new VPCs have: the region's own resolver.
const dhcpOptions = "dopt-0a9ec0ffee0000001"

// noDHCPOptions is what a VPC without a set names.
const noDHCPOptions = "default"

// dhcpNames are the options that AWS takes, and how many values each may have.
var dhcpNames = map[string]int{
	"domain-name": 1, "domain-name-servers": 4, "ntp-servers": 4, "netbios-name-servers": 4, "netbios-node-type": 1,
	"ipv6-address-preferred-lease-time": 1,
}

func createDhcpOptions(c change, in *ec2api.CreateDhcpOptionsRequest) (*ec2api.CreateDhcpOptionsResult, error) {
	set := DHCPOptions{Key: c.key(awsid.New("dopt"))}
	for _, o := range in.DhcpConfigurations {
		most, ok := dhcpNames[api.Val(o.Key)]
		if !ok {
			return nil, invalidValue("Value (%s) for parameter key is invalid. Unknown DHCP option.", api.Val(o.Key))
		}
		if len(o.Values) == 0 || len(o.Values) > most {
			return nil, invalidValue("The DHCP option %s takes 1 to %d values, not %d.", *o.Key, most, len(o.Values))
		}
		if *o.Key == "netbios-node-type" && !slices.Contains([]string{"1", "2", "4", "8"}, o.Values[0]) {
			return nil, invalidValue("Value (%s) for parameter netbios-node-type is invalid.", o.Values[0])
		}
		set.Spec.Options = append(set.Spec.Options, DHCPOption{*o.Key, o.Values})
	}
	DHCPOptionSets.Put(c.tx, set)
	if err := c.tagNew("dhcp-options", set.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateDhcpOptionsResult{DhcpOptions: api.Ptr(c.dhcpOptions(set))}, nil
}

func deleteDhcpOptions(c change, in *ec2api.DeleteDhcpOptionsRequest) (*ec2api.DeleteDhcpOptionsOutput, error) {
	id := api.Val(in.DhcpOptionsId)
	if err := c.knownDHCPOptions(id); err != nil {
		return nil, err
	}
	for _, vpc := range VPCs.Prefix(c.r, c.scope.Prefix()) {
		if vpc.Spec.DHCPOptions == id {
			return nil, inUse("dhcpOptions", id)
		}
	}
	if id == dhcpOptions {
		return nil, unsupported("the region's own DHCP options cannot be deleted")
	}
	c.remove(id, DHCPOptionSets.Delete(c.tx, c.key(id)))
	return nil, nil
}

func (v view) knownDHCPOptions(id string) error {
	if _, ok := DHCPOptionSets.Get(v.r, v.key(id)); !ok && id != dhcpOptions {
		return noDHCPSet(id)
	}
	return nil
}

func noDHCPSet(id string) error { return notFound("InvalidDhcpOptionID.NotFound", "dhcpOption", id) }

func associateDhcpOptions(c change, in *ec2api.AssociateDhcpOptionsRequest) (*ec2api.AssociateDhcpOptionsOutput, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	id := api.Val(in.DhcpOptionsId)
	if id != noDHCPOptions {
		if err := c.knownDHCPOptions(id); err != nil {
			return nil, err
		}
	}
	VPCs.Modify(c.tx, vpc.Key, func(o *VPC) { o.Spec.DHCPOptions = id })
	return nil, nil
}

func (v view) dhcpOptions(o DHCPOptions) ec2api.DhcpOptions {
	out := ec2api.DhcpOptions{DhcpOptionsId: api.Ptr(o.ID()), OwnerId: &v.scope.Account, Tags: v.tags(o.ID())}
	for _, option := range o.Spec.Options {
		shown := ec2api.DhcpConfiguration{Key: api.Ptr(option.Name)}
		for _, value := range option.Values {
			shown.Values = append(shown.Values, ec2api.AttributeValue{Value: api.Ptr(value)})
		}
		out.DhcpConfigurations = append(out.DhcpConfigurations, shown)
	}
	return out
}

// ownDHCPOptions is the set that every scope has.
func (v view) ownDHCPOptions() DHCPOptions {
	return DHCPOptions{Key: v.key(dhcpOptions), Spec: DHCPOptionsSpec{Options: []DHCPOption{
		{"domain-name", []string{internalDomain(v.scope.Region)}}, {"domain-name-servers", []string{"AmazonProvidedDNS"}},
	}}}
}

func describeDhcpOptions(v view, in *ec2api.DescribeDhcpOptionsRequest) (*ec2api.DescribeDhcpOptionsResult, error) {
	all := []ec2api.DhcpOptions{v.dhcpOptions(v.ownDHCPOptions())}
	for _, o := range DHCPOptionSets.Prefix(v.r, v.scope.Prefix()) {
		all = append(all, v.dhcpOptions(o))
	}
	slices.SortFunc(all, func(a, b ec2api.DhcpOptions) int { return compareText(a.DhcpOptionsId, b.DhcpOptionsId) })
	page, next, err := dhcpCatalog.list(all, query{in.DhcpOptionsIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeDhcpOptionsResult{DhcpOptions: page, NextToken: next}, err
}

func dhcpConfigurationsOf(o *ec2api.DhcpOptions) []ec2api.DhcpConfiguration {
	return o.DhcpConfigurations
}

var dhcpCatalog = catalog[ec2api.DhcpOptions]{
	id:      func(o *ec2api.DhcpOptions) string { return *o.DhcpOptionsId },
	tags:    func(o *ec2api.DhcpOptions) []ec2api.Tag { return o.Tags },
	missing: noDHCPSet,
	filters: map[string]func(*ec2api.DhcpOptions) []string{
		"dhcp-options-id": one(func(o *ec2api.DhcpOptions) *string { return o.DhcpOptionsId }),
		"owner-id":        one(func(o *ec2api.DhcpOptions) *string { return o.OwnerId }),
		"key":             each(dhcpConfigurationsOf, func(c *ec2api.DhcpConfiguration) *string { return c.Key }),
		"value": func(o *ec2api.DhcpOptions) []string {
			var values []string
			for _, c := range o.DhcpConfigurations {
				for _, value := range c.Values {
					values = append(values, api.Val(value.Value))
				}
			}
			return values
		},
	},
}
