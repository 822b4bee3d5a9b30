resource "aws_default_vpc" "default" {
  enable_dns_hostnames = true
  force_destroy        = true
  tags                 = { Name = "default", Owner = var.owner }
}

resource "aws_default_subnet" "first" {
  availability_zone = local.zones[0]
  force_destroy     = true
  tags              = { Name = "default-first" }
  depends_on        = [aws_default_vpc.default]
}

resource "aws_security_group" "in_default" {
  name       = "in-default"
  depends_on = [aws_default_vpc.default]
}
