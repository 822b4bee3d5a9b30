package ec2

import (
	"maps"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/store"
	"apex/internal/tag"
)

// A kind is a sort of resource, as ids and tags name it.
type kind struct {
	name    string // "vpc": the resource type of tags
	prefix  string // "vpc": of ids
	missing string // the code for an id that names nothing
	exists  func(v view, id string) bool
}

func kindOf[T any](name, prefix, missing string, table *store.Table[T]) kind {
	return kind{name, prefix, missing, func(v view, id string) bool {
		_, ok := table.Get(v.r, v.key(id))
		return ok
	}}
}

// kinds lists what can carry tags.
func kinds() []kind {
	return []kind{
		kindOf("vpc", "vpc", "InvalidVpcID.NotFound", VPCs),
		kindOf("subnet", "subnet", "InvalidSubnetID.NotFound", Subnets),
		kindOf("route-table", "rtb", "InvalidRouteTableID.NotFound", RouteTables),
		kindOf("internet-gateway", "igw", "InvalidInternetGatewayID.NotFound", InternetGateways),
		kindOf("elastic-ip", "eipalloc", "InvalidAllocationID.NotFound", Addresses),
		kindOf("dhcp-options", "dopt", "InvalidDhcpOptionID.NotFound", DHCPOptionSets),
		kindOf("egress-only-internet-gateway", "eigw", "InvalidGatewayID.NotFound", EgressOnlyGateways),
		kindOf("prefix-list", "pl", "InvalidPrefixListID.NotFound", PrefixLists),
		kindOf("vpc-endpoint", "vpce", "InvalidVpcEndpointId.NotFound", Endpoints),
		kindOf("vpc-flow-log", "fl", "InvalidFlowLogId.NotFound", FlowLogs),
		{"vpc-peering-connection", "pcx", "InvalidVpcPeeringConnectionID.NotFound", func(v view, id string) bool {
			_, ok := findPeering(v.r, v.scope, id)
			return ok
		}},
		kindOf("natgateway", "nat", "NatGatewayNotFound", NATGateways),
		kindOf("network-interface", "eni", "InvalidNetworkInterfaceID.NotFound", NetworkInterfaces),
		kindOf("security-group", "sg", "InvalidGroup.NotFound", SecurityGroups),
		kindOf("network-acl", "acl", "InvalidNetworkAclID.NotFound", NetworkACLs),
		{"security-group-rule", "sgr", "InvalidSecurityGroupRuleId.NotFound", func(v view, id string) bool {
			_, _, ok := v.rule(id)
			return ok
		}},
	}
}

func kindByID(id string) (kind, bool) {
	prefix, _, _ := strings.Cut(id, "-")
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.prefix == prefix })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// tags returns a resource's tags as the API shows them.
func (v view) tags(id string) []ec2api.Tag {
	set, _ := TagSets.Get(v.r, v.key(id))
	var out []ec2api.Tag
	for k, value := range set.Tags.All() {
		out = append(out, ec2api.Tag{Key: &k, Value: &value})
	}
	return out
}

// tagNew gives a new resource the tags that its creation asks for.
func (c change) tagNew(resourceType, id string, specs []ec2api.TagSpecification) error {
	tags := tag.Tags{}
	for _, spec := range specs {
		if got := api.Val(spec.ResourceType); got != resourceType {
			return invalidValue("'%s' is not a valid taggable resource type for this operation.", got)
		}
		maps.Copy(tags, fromWire(spec.Tags))
	}
	return c.putTags(id, tags)
}

func (c change) putTags(id string, tags tag.Tags) error {
	if len(tags) > tag.MaxCount {
		return api.Invalid("TagLimitExceeded", "The maximum number of tags per resource is %d", tag.MaxCount)
	}
	if err := tags.Validate(); err != nil {
		return invalidValue("%v", err)
	}
	if len(tags) == 0 {
		TagSets.Delete(c.tx, c.key(id))
		return nil
	}
	TagSets.Put(c.tx, TagSet{Key: c.key(id), Tags: tags})
	return nil
}

func fromWire(list []ec2api.Tag) tag.Tags {
	tags := tag.Tags{}
	for _, t := range list {
		tags[api.Val(t.Key)] = api.Val(t.Value)
	}
	return tags
}

func createTags(c change, in *ec2api.CreateTagsRequest) (*ec2api.CreateTagsOutput, error) {
	for _, id := range in.Resources {
		if err := c.taggable(id); err != nil {
			return nil, err
		}
		set, _ := TagSets.Get(c.r, c.key(id))
		if err := c.putTags(id, set.Tags.With(fromWire(in.Tags))); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (v view) taggable(id string) error {
	kind, ok := kindByID(id)
	if !ok {
		return api.Invalid("InvalidID", "The ID '%s' is not valid", id)
	}
	if !kind.exists(v, id) {
		return notFound(kind.missing, kind.name, id)
	}
	return nil
}

// deleteTags removes tags by key, by key and value, or all of them. What is not
// there is no error.
func deleteTags(c change, in *ec2api.DeleteTagsRequest) (*ec2api.DeleteTagsOutput, error) {
	for _, id := range in.Resources {
		set, ok := TagSets.Get(c.r, c.key(id))
		if !ok {
			continue
		}
		if err := c.putTags(id, remaining(set.Tags, in.Tags)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func remaining(have tag.Tags, doomed []ec2api.Tag) tag.Tags {
	if len(doomed) == 0 {
		return nil
	}
	var keys []string
	for _, t := range doomed {
		if value, ok := have[api.Val(t.Key)]; ok && (t.Value == nil || *t.Value == value) {
			keys = append(keys, *t.Key)
		}
	}
	return have.Without(keys...)
}

var tagCatalog = catalog[ec2api.TagDescription]{
	id:   func(t *ec2api.TagDescription) string { return api.Val(t.ResourceId) + " " + api.Val(t.Key) },
	tags: func(t *ec2api.TagDescription) []ec2api.Tag { return []ec2api.Tag{{Key: t.Key, Value: t.Value}} },
	filters: map[string]func(*ec2api.TagDescription) []string{
		"key":           one(func(t *ec2api.TagDescription) *string { return t.Key }),
		"value":         one(func(t *ec2api.TagDescription) *string { return t.Value }),
		"resource-id":   one(func(t *ec2api.TagDescription) *string { return t.ResourceId }),
		"resource-type": one(func(t *ec2api.TagDescription) *string { return t.ResourceType }),
	},
}

func describeTags(v view, in *ec2api.DescribeTagsRequest) (*ec2api.DescribeTagsResult, error) {
	var all []ec2api.TagDescription
	for key, set := range TagSets.Prefix(v.r, v.scope.Prefix()) {
		id := idOf(key)
		kind, _ := kindByID(id)
		for k, value := range set.Tags.All() {
			all = append(all, ec2api.TagDescription{Key: &k, Value: &value, ResourceId: &id, ResourceType: &kind.name})
		}
	}
	page, next, err := tagCatalog.list(all, query{filters: in.Filters, max: in.MaxResults, token: in.NextToken})
	return &ec2api.DescribeTagsResult{Tags: page, NextToken: next}, err
}
