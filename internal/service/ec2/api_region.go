package ec2

import (
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
)

// zonesOf lists a region's zones. There are three in each.
func zonesOf(region string) []ec2api.AvailabilityZone {
	var zones []ec2api.AvailabilityZone
	for _, letter := range []string{"a", "b", "c"} {
		name := region + letter
		zones = append(zones, ec2api.AvailabilityZone{
			ZoneName: &name, ZoneId: api.Ptr(zoneID(name)), RegionName: &region, GroupName: api.Ptr(region + "-zg-1"),
			NetworkBorderGroup: &region, ZoneType: api.Ptr("availability-zone"),
			State: api.Ptr(ec2api.AvailabilityZoneStateAvailable), OptInStatus: api.Ptr(ec2api.AvailabilityZoneOptInStatusOptInNotRequired),
		})
	}
	return zones
}

// zoneID shortens a zone's name to its id: us-east-1a is use1-az1.
func zoneID(zone string) string {
	words := strings.Split(zone, "-")
	last := words[len(words)-1]
	if len(words) < 3 || len(last) < 2 {
		return zone
	}
	short := words[0]
	for _, word := range words[1 : len(words)-1] {
		short += word[:1]
	}
	number, letter := last[:len(last)-1], last[len(last)-1]
	return short + number + "-az" + string('1'+letter-'a')
}

// internalDomain is the domain of interfaces' private names in a region.
func internalDomain(region string) string {
	if region == "us-east-1" {
		return "ec2.internal"
	}
	return region + ".compute.internal"
}

var zoneCatalog = catalog[ec2api.AvailabilityZone]{
	id:   func(z *ec2api.AvailabilityZone) string { return *z.ZoneName },
	tags: func(*ec2api.AvailabilityZone) []ec2api.Tag { return nil },
	missing: func(id string) error {
		return invalidValue("Invalid availability zone: [%s]", id)
	},
	filters: map[string]func(*ec2api.AvailabilityZone) []string{
		"zone-name":            one(func(z *ec2api.AvailabilityZone) *string { return z.ZoneName }),
		"zone-id":              one(func(z *ec2api.AvailabilityZone) *string { return z.ZoneId }),
		"zone-type":            one(func(z *ec2api.AvailabilityZone) *string { return z.ZoneType }),
		"state":                one(func(z *ec2api.AvailabilityZone) *string { return z.State }),
		"region-name":          one(func(z *ec2api.AvailabilityZone) *string { return z.RegionName }),
		"group-name":           one(func(z *ec2api.AvailabilityZone) *string { return z.GroupName }),
		"opt-in-status":        one(func(z *ec2api.AvailabilityZone) *string { return z.OptInStatus }),
		"network-border-group": one(func(z *ec2api.AvailabilityZone) *string { return z.NetworkBorderGroup }),
	},
}

func describeAvailabilityZones(v view, in *ec2api.DescribeAvailabilityZonesRequest) (*ec2api.DescribeAvailabilityZonesResult, error) {
	filters := in.Filters
	if len(in.ZoneIds) > 0 {
		filters = append(filters, ec2api.Filter{Name: api.Ptr("zone-id"), Values: in.ZoneIds})
	}
	page, _, err := zoneCatalog.list(zonesOf(v.scope.Region), query{ids: in.ZoneNames, filters: filters})
	return &ec2api.DescribeAvailabilityZonesResult{AvailabilityZones: page}, err
}

var regionCatalog = catalog[ec2api.Region]{
	id:      func(o *ec2api.Region) string { return *o.RegionName },
	tags:    func(*ec2api.Region) []ec2api.Tag { return nil },
	missing: func(id string) error { return invalidValue("Invalid region name: [%s]", id) },
	filters: map[string]func(*ec2api.Region) []string{
		"region-name":   one(func(o *ec2api.Region) *string { return o.RegionName }),
		"endpoint":      one(func(o *ec2api.Region) *string { return o.Endpoint }),
		"opt-in-status": one(func(o *ec2api.Region) *string { return o.OptInStatus }),
	},
}

// describeRegions knows the caller's region only: all others have the same
// endpoint and come into being when a call names them.
func describeRegions(v view, in *ec2api.DescribeRegionsRequest) (*ec2api.DescribeRegionsResult, error) {
	all := []ec2api.Region{{
		RegionName: &v.scope.Region, Endpoint: api.Ptr("ec2." + v.scope.Region + ".amazonaws.com"),
		OptInStatus: api.Ptr(ec2api.AvailabilityZoneOptInStatusOptInNotRequired),
	}}
	page, _, err := regionCatalog.list(all, query{ids: in.RegionNames, filters: in.Filters})
	return &ec2api.DescribeRegionsResult{Regions: page}, err
}

// describeAccountAttributes answers what an account is made for.
func describeAccountAttributes(v view, in *ec2api.DescribeAccountAttributesRequest) (*ec2api.DescribeAccountAttributesResult, error) {
	known := map[string]string{
		ec2api.AccountAttributeNameSupportedPlatforms: "VPC",
		ec2api.AccountAttributeNameDefaultVpc:         "none",
	}
	if vpc, ok := v.defaultVPC(); ok {
		known[ec2api.AccountAttributeNameDefaultVpc] = vpc.ID()
	}
	names := in.AttributeNames
	if len(names) == 0 {
		names = []string{ec2api.AccountAttributeNameSupportedPlatforms, ec2api.AccountAttributeNameDefaultVpc}
	}
	out := &ec2api.DescribeAccountAttributesResult{}
	for _, name := range names {
		value, ok := known[name]
		if !ok {
			return nil, invalidValue("Value (%s) for parameter attributeName is invalid.", name)
		}
		out.AccountAttributes = append(out.AccountAttributes, ec2api.AccountAttribute{
			AttributeName: &name, AttributeValues: []ec2api.AccountAttributeValue{{AttributeValue: &value}},
		})
	}
	return out, nil
}

// describeInstances answers that there are none: the region runs tasks, not
// instances.
func describeInstances(_ view, in *ec2api.DescribeInstancesRequest) (*ec2api.DescribeInstancesResult, error) {
	if len(in.InstanceIds) > 0 {
		return nil, notFound("InvalidInstanceID.NotFound", "instance", in.InstanceIds[0])
	}
	return &ec2api.DescribeInstancesResult{}, nil
}
