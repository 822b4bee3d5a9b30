# replaces: aws_vpc_security_group_egress_rule aws_network_acl_rule
owner       = "crm"
admin_port  = 2222
admins      = ["198.51.100.128/25"]
offices     = { "203.0.113.0/25" = "Berlin", "203.0.113.128/25" = "Hamburg" }
dns_support = true
