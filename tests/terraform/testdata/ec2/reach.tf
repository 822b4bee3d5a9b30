resource "aws_vpc" "peer" {
  cidr_block = "10.50.0.0/16"
  tags       = { Name = "peer" }
}

resource "aws_subnet" "peer" {
  vpc_id     = aws_vpc.peer.id
  cidr_block = "10.50.1.0/24"
}

resource "aws_default_route_table" "peer" {
  default_route_table_id = aws_vpc.peer.default_route_table_id

  route {
    cidr_block                = aws_vpc.main.cidr_block
    vpc_peering_connection_id = aws_vpc_peering_connection.peer.id
  }

  tags = { Name = "default", Owner = var.owner }
}

resource "aws_default_network_acl" "peer" {
  default_network_acl_id = aws_vpc.peer.default_network_acl_id
  subnet_ids             = [aws_subnet.peer.id]

  ingress {
    rule_no    = 10
    action     = "allow"
    protocol   = "-1"
    cidr_block = "10.0.0.0/8"
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no    = 10
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.0.0.0/8"
    from_port  = 1024
    to_port    = 65535
  }

  tags = { Name = "default", Owner = var.owner }
}

resource "aws_vpc_peering_connection" "peer" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.peer.id
  auto_accept = true
  tags        = { Name = "peer", Owner = var.owner }
}

resource "aws_vpc_peering_connection_options" "peer" {
  vpc_peering_connection_id = aws_vpc_peering_connection.peer.id
  accepter { allow_remote_vpc_dns_resolution = true }
}

resource "aws_vpc" "third" {
  cidr_block = "10.60.0.0/16"
}

resource "aws_vpc_peering_connection" "third" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.third.id
}

resource "aws_vpc_peering_connection_accepter" "third" {
  vpc_peering_connection_id = aws_vpc_peering_connection.third.id
  auto_accept               = true
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5

  dynamic "entry" {
    for_each = var.offices
    content {
      cidr        = entry.key
      description = entry.value
    }
  }

  tags = { Name = "offices", Owner = var.owner }
}

resource "aws_ec2_managed_prefix_list" "partners" {
  name           = "partners"
  address_family = "IPv6"
  max_entries    = 3
}

resource "aws_ec2_managed_prefix_list_entry" "partner" {
  prefix_list_id = aws_ec2_managed_prefix_list.partners.id
  cidr           = "2001:db8:2::/48"
  description    = "first"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = data.aws_vpc_endpoint_service.s3.service_name
  route_table_ids = [aws_route_table.private.id]
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*", Sid = var.owner }]
  })
  tags = { Name = "s3", Owner = var.owner }
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${data.aws_region.here.name}.dynamodb"
  vpc_endpoint_type = "Gateway"
}

resource "aws_vpc_endpoint_route_table_association" "dynamodb" {
  vpc_endpoint_id = aws_vpc_endpoint.dynamodb.id
  route_table_id  = aws_route_table.public.id
}

resource "aws_vpc_endpoint" "logs" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.${data.aws_region.here.name}.logs"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.app.id]
  private_dns_enabled = true
  tags                = { Name = "logs" }
}

resource "aws_vpc_endpoint" "ecr" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${data.aws_region.here.name}.ecr.dkr"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_subnet_association" "ecr" {
  vpc_endpoint_id = aws_vpc_endpoint.ecr.id
  subnet_id       = aws_subnet.private[0].id
}

resource "aws_vpc_endpoint_security_group_association" "ecr" {
  vpc_endpoint_id   = aws_vpc_endpoint.ecr.id
  security_group_id = aws_security_group.db.id
}

resource "aws_vpc_endpoint_policy" "ecr" {
  vpc_endpoint_id = aws_vpc_endpoint.ecr.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = "*" }]
  })
}

resource "aws_network_interface" "box" {
  subnet_id       = aws_subnet.public[1].id
  description     = "A box of ${var.owner}"
  private_ips     = ["10.40.1.20", "10.40.1.21"]
  security_groups = [aws_security_group.web.id]
  tags            = { Name = "box", Owner = var.owner }
}

resource "aws_network_interface" "plain" {
  subnet_id = aws_subnet.private[1].id
}

resource "aws_network_interface_sg_attachment" "plain" {
  security_group_id    = aws_security_group.db.id
  network_interface_id = aws_network_interface.plain.id
}

resource "aws_eip" "box" {
  domain                    = "vpc"
  network_interface         = aws_network_interface.box.id
  associate_with_private_ip = "10.40.1.20"
  depends_on                = [aws_internet_gateway.main]
}

resource "aws_eip" "second" { domain = "vpc" }

resource "aws_eip_association" "second" {
  allocation_id        = aws_eip.second.id
  network_interface_id = aws_network_interface.box.id
  private_ip_address   = "10.40.1.21"
}

resource "aws_flow_log" "logs" {
  vpc_id          = aws_vpc.main.id
  traffic_type    = "ALL"
  iam_role_arn    = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/flow"
  log_destination = "arn:aws:logs:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:log-group:/flow"
  tags            = { Name = "logs", Owner = var.owner }
}

resource "aws_flow_log" "s3" {
  subnet_id                = aws_subnet.private[0].id
  traffic_type             = "REJECT"
  log_destination_type     = "s3"
  log_destination          = "arn:aws:s3:::flow-logs/prefix/"
  max_aggregation_interval = 60
  log_format               = "$${interface-id} $${srcaddr} $${dstaddr}"

  destination_options {
    file_format                = "parquet"
    hive_compatible_partitions = true
    per_hour_partition         = true
  }
}

resource "aws_ec2_tag" "extra" {
  resource_id = aws_vpc.third.default_route_table_id
  key         = "Extra"
  value       = var.owner
}
