package iam

import "strings"

// ec2Kinds are the kinds of resources by what their ids begin with (Service
// authorization reference, EC2: resource types). An association is named by what
// it associates, whatever that is.
var ec2Kinds = map[string]string{
	"vpc": "vpc", "subnet": "subnet", "sg": "security-group", "sgr": "security-group-rule", "rtb": "route-table",
	"igw": "internet-gateway", "nat": "natgateway", "eipalloc": "elastic-ip", "eni": "network-interface", "acl": "network-acl",
	"vpce": "vpc-endpoint", "dopt": "dhcp-options", "pcx": "vpc-peering-connection", "pl": "prefix-list", "fl": "vpc-flow-log",
	"eigw": "egress-only-internet-gateway", "i": "instance", "lt": "launch-template", "cagw": "carrier-gateway",
}

// ec2Associations are the kinds that an association's id stands for.
var ec2Associations = map[string]string{"rtbassoc": "route-table", "eipassoc": "elastic-ip", "aclassoc": "network-acl"}

// ec2Makes are the kinds that operations make.
var ec2Makes = map[string]string{
	"CreateVpc": "vpc", "CreateSubnet": "subnet", "CreateSecurityGroup": "security-group", "CreateRouteTable": "route-table",
	"CreateInternetGateway": "internet-gateway", "CreateNatGateway": "natgateway", "AllocateAddress": "elastic-ip",
	"CreateNetworkAcl": "network-acl", "CreateVpcEndpoint": "vpc-endpoint", "CreateNetworkInterface": "network-interface",
	"CreateDhcpOptions": "dhcp-options", "CreateEgressOnlyInternetGateway": "egress-only-internet-gateway",
	"CreateFlowLogs": "vpc-flow-log", "CreateVpcPeeringConnection": "vpc-peering-connection", "CreateManagedPrefixList": "prefix-list",
}

// ec2Only are operations that are decided on one member of several.
var ec2Only = map[string]string{"CreateRoute": "RouteTableId", "ReplaceRoute": "RouteTableId", "DeleteRoute": "RouteTableId"}

// ec2Resources returns what a call of EC2 acts on: what it makes, and every
// resource that its members name by id. Descriptions are decided on no resource.
func ec2Resources(n names, op string) []string {
	if strings.HasPrefix(op, "Describe") {
		return nil
	}
	var list []string
	if kind := ec2Makes[op]; kind != "" {
		list = append(list, n.scope.ARN("ec2", kind+"/*"))
	}
	only := ec2Only[op]
	for i := range n.input.NumField() {
		member := n.input.Type().Field(i).Name
		if only != "" && member != only {
			continue
		}
		for _, id := range texts(n.input, member) {
			if name := ec2ARN(n, id); name != "" {
				list = append(list, name)
			}
		}
	}
	return list
}

func ec2ARN(n names, id string) string {
	prefix, _, ok := strings.Cut(id, "-")
	switch {
	case !ok:
	case ec2Kinds[prefix] != "":
		return n.scope.ARN("ec2", ec2Kinds[prefix]+"/"+id)
	case ec2Associations[prefix] != "":
		return n.scope.ARN("ec2", ec2Associations[prefix]+"/*")
	}
	return ""
}
