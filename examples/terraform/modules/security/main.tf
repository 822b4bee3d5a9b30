# Internet → balancer → services → database and cache, and nothing else.

locals {
  groups = {
    balancer = "Load balancer: HTTP and HTTPS from anywhere"
    service  = "Tasks: their port from the balancer only"
    database = "MySQL from tasks only"
    cache    = "Redis from tasks only"
  }

  # From one group to another, on one port.
  flows = {
    balancer-service = { from = "balancer", to = "service", port = var.port }
    service-database = { from = "service", to = "database", port = 3306 }
    service-cache    = { from = "service", to = "cache", port = 6379 }
  }
}

resource "aws_security_group" "this" {
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-${each.key}" }

  lifecycle { create_before_destroy = true }
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.this["balancer"].id
  description       = upper(each.key)
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.to].id
  description                  = "From ${each.value.from}"
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.this["balancer"].id
  description                  = "To tasks"
  referenced_security_group_id = aws_security_group.this["service"].id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
}

resource "aws_vpc_security_group_egress_rule" "service" {
  security_group_id = aws_security_group.this["service"].id
  description       = "Database, cache, registry, and the APIs of others"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
