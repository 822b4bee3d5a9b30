resource "aws_security_group" "web" {
  name        = "web"
  description = "In-line rules"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "HTTP"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
  }

  ingress {
    description      = "Administration"
    from_port        = var.admin_port
    to_port          = var.admin_port
    protocol         = "tcp"
    cidr_blocks      = var.admins
    ipv6_cidr_blocks = ["2001:db8:1::/48"]
    prefix_list_ids  = [aws_ec2_managed_prefix_list.offices.id]
  }

  ingress {
    from_port = 8
    to_port   = -1
    protocol  = "icmp"
    self      = true
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = { Name = "web", Owner = var.owner }
}

resource "aws_security_group" "app" {
  name_prefix            = "app-"
  vpc_id                 = aws_vpc.main.id
  revoke_rules_on_delete = true
  lifecycle { create_before_destroy = true }
}

resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id            = aws_security_group.app.id
  description                  = "From web by ${var.owner}"
  ip_protocol                  = "tcp"
  from_port                    = 3000
  to_port                      = 3000
  referenced_security_group_id = aws_security_group.web.id
  tags                         = { Name = "from-web", Owner = var.owner }
}

resource "aws_vpc_security_group_ingress_rule" "offices" {
  security_group_id = aws_security_group.app.id
  ip_protocol       = "-1"
  prefix_list_id    = aws_ec2_managed_prefix_list.offices.id
}

resource "aws_vpc_security_group_egress_rule" "app" {
  for_each          = toset(concat(["0.0.0.0/0"], var.admins))
  security_group_id = aws_security_group.app.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.key
}

resource "aws_vpc_security_group_egress_rule" "ipv6" {
  security_group_id = aws_security_group.app.id
  ip_protocol       = "icmpv6"
  from_port         = 128
  to_port           = 0
  cidr_ipv6         = "::/0"
}

resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group_rule" "db" {
  type                     = "ingress"
  security_group_id        = aws_security_group.db.id
  protocol                 = "tcp"
  from_port                = 3306
  to_port                  = 3306
  source_security_group_id = aws_security_group.app.id
  description              = "MySQL for ${var.owner}"
}

resource "aws_security_group_rule" "db_admins" {
  type              = "ingress"
  security_group_id = aws_security_group.db.id
  protocol          = "udp"
  from_port         = 161
  to_port           = 162
  cidr_blocks       = ["10.40.0.0/24", "10.40.1.0/24"]
}

resource "aws_security_group_rule" "db_self" {
  type              = "egress"
  security_group_id = aws_security_group.db.id
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  self              = true
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id

  ingress {
    protocol  = "-1"
    from_port = 0
    to_port   = 0
    self      = true
  }

  tags = { Name = "default", Owner = var.owner }
}

resource "aws_network_acl" "public" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.public[0].id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 80
    to_port    = 80
  }

  ingress {
    rule_no    = 200
    action     = "deny"
    protocol   = "tcp"
    cidr_block = "198.51.100.0/24"
    from_port  = var.admin_port
    to_port    = var.admin_port
  }

  ingress {
    rule_no         = 300
    action          = "allow"
    protocol        = "-1"
    ipv6_cidr_block = "::/0"
    from_port       = 0
    to_port         = 0
  }

  ingress {
    rule_no    = 400
    action     = "allow"
    protocol   = "icmp"
    cidr_block = "10.0.0.0/8"
    icmp_type  = 8
    icmp_code  = -1
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  tags = { Name = "public", Owner = var.owner }
}

resource "aws_network_acl" "private" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "private" }
}

resource "aws_network_acl_rule" "in" {
  for_each       = { "100" = "10.40.0.0/16", "110" = var.admins[0] }
  network_acl_id = aws_network_acl.private.id
  rule_number    = each.key
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = each.value
  from_port      = 0
  to_port        = 65535
}

resource "aws_network_acl_rule" "icmp" {
  network_acl_id = aws_network_acl.private.id
  rule_number    = 300
  egress         = true
  rule_action    = "deny"
  protocol       = "1"
  cidr_block     = "0.0.0.0/0"
  icmp_type      = 3
  icmp_code      = 4
}

resource "aws_network_acl_rule" "ipv6" {
  network_acl_id  = aws_network_acl.private.id
  rule_number     = 310
  rule_action     = "allow"
  protocol        = "udp"
  ipv6_cidr_block = "2001:db8::/32"
  from_port       = 53
  to_port         = 53
}

resource "aws_network_acl_association" "private" {
  network_acl_id = aws_network_acl.private.id
  subnet_id      = aws_subnet.private[0].id
}
