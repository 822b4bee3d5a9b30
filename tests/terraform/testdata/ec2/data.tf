data "aws_vpc" "main" {
  tags       = { Name = "main" }
  depends_on = [aws_vpc.main]
}

data "aws_vpcs" "story" {
  tags       = { Story = "ec2" }
  depends_on = [aws_vpc.peer]
}

data "aws_subnet" "public" {
  filter {
    name   = "tag:Name"
    values = ["public-0"]
  }
  depends_on = [aws_subnet.public]
}

data "aws_subnets" "private" {
  filter {
    name   = "vpc-id"
    values = [aws_vpc.main.id]
  }
  tags       = { Tier = "private" }
  depends_on = [aws_subnet.private]
}

data "aws_security_group" "web" {
  vpc_id = aws_security_group.web.vpc_id
  name   = aws_security_group.web.name
}

data "aws_security_groups" "main" {
  filter {
    name   = "group-name"
    values = ["w?b", "d*"]
  }
  filter {
    name   = "vpc-id"
    values = [aws_vpc.main.id]
  }
  depends_on = [aws_security_group.web, aws_security_group.db]
}

data "aws_vpc_security_group_rules" "app" {
  filter {
    name   = "group-id"
    values = [aws_security_group.app.id]
  }
  depends_on = [aws_vpc_security_group_ingress_rule.app]
}

data "aws_vpc_security_group_rule" "app" {
  security_group_rule_id = aws_vpc_security_group_ingress_rule.app.id
}

data "aws_route_table" "public" {
  subnet_id = aws_route_table_association.public[0].subnet_id
}

data "aws_route_tables" "main" {
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_route_table.private]
}

data "aws_route" "nat" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = aws_route.nat.destination_cidr_block
}

data "aws_regions" "all" {}

data "aws_prefix_list" "s3" {
  name = "com.amazonaws.${data.aws_region.here.name}.s3"
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

data "aws_ec2_managed_prefix_lists" "all" {
  tags       = { Name = "offices" }
  depends_on = [aws_ec2_managed_prefix_list.offices]
}

data "aws_internet_gateway" "main" {
  filter {
    name   = "attachment.vpc-id"
    values = [aws_internet_gateway.main.vpc_id]
  }
}

data "aws_nat_gateway" "main" {
  subnet_id = aws_nat_gateway.main.subnet_id
  state     = "available"
}

data "aws_nat_gateways" "main" {
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_nat_gateway.main]
}

data "aws_network_interface" "box" {
  id         = aws_network_interface.box.id
  depends_on = [aws_eip.box]
}

data "aws_network_interfaces" "main" {
  filter {
    name   = "subnet-id"
    values = [aws_subnet.public[1].id]
  }
  depends_on = [aws_network_interface.box]
}

data "aws_network_acls" "main" {
  vpc_id     = aws_vpc.main.id
  depends_on = [aws_network_acl.public]
}

data "aws_eip" "nat" {
  public_ip = aws_eip.nat.public_ip
}

data "aws_eips" "all" {
  tags       = { Name = "nat" }
  depends_on = [aws_eip.nat]
}

data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

data "aws_vpc_endpoint_service" "logs" {
  service = "logs"
}

data "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc_endpoint.s3.vpc_id
  service_name = aws_vpc_endpoint.s3.service_name
}

data "aws_vpc_peering_connection" "peer" {
  id         = aws_vpc_peering_connection.peer.id
  depends_on = [aws_vpc_peering_connection_options.peer]
}

data "aws_vpc_peering_connections" "main" {
  filter {
    name   = "requester-vpc-info.vpc-id"
    values = [aws_vpc.main.id]
  }
  depends_on = [aws_vpc_peering_connection.peer, aws_vpc_peering_connection.third]
}

data "aws_vpc_dhcp_options" "main" {
  dhcp_options_id = aws_vpc_dhcp_options.main.id
}

data "aws_ip_ranges" "none" {
  count    = 0
  services = ["ec2"]
}

output "subnets" { value = data.aws_subnets.private.ids }
output "groups" { value = length(data.aws_security_groups.main.ids) }
output "zone" { value = data.aws_availability_zone.first.zone_id }
