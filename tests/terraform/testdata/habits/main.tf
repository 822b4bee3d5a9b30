terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {}

variable "queues" { default = 3 }
variable "names" { default = ["a", "b"] }
variable "owner" { default = "one" }

# Count goes up and down.
resource "aws_sns_topic" "counted" {
  count = var.queues
  name  = "habits-${count.index}"
}

# Keys come and go.
resource "aws_cloudwatch_log_group" "each" {
  for_each = toset(var.names)
  name     = "/habits/${each.key}"
}

# Only its tags change.
resource "aws_iam_role" "tagged" {
  name               = "habits"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  tags               = { Owner = var.owner }
}

# Renamed by the update.
resource "aws_sns_topic" "before" {
  name = "habits-renamed"
}

resource "aws_vpc" "this" {
  cidr_block = "10.70.0.0/16"
}

# Rules in-line …
resource "aws_security_group" "inline" {
  name   = "habits-inline"
  vpc_id = aws_vpc.this.id

  ingress {
    description = "web"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.0.2.0/24"]
  }

  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# … on their own, in the old way …
resource "aws_security_group" "old" {
  name   = "habits-old"
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group_rule" "old" {
  security_group_id = aws_security_group.old.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["10.0.0.0/8"]
  description       = "from ${var.owner}"
}

resource "aws_security_group_rule" "group" {
  security_group_id        = aws_security_group.old.id
  type                     = "egress"
  protocol                 = "tcp"
  from_port                = 3306
  to_port                  = 3306
  source_security_group_id = aws_security_group.inline.id
}

# … and in the new one.
resource "aws_vpc_security_group_ingress_rule" "new" {
  security_group_id = aws_security_group.new.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.0.0.0/8"
  description       = "from ${var.owner}"
}

resource "aws_security_group" "new" {
  name   = "habits-new"
  vpc_id = aws_vpc.this.id
}
