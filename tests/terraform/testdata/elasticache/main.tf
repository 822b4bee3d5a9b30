# A replication group with nearly every attribute and users of its own, another
# with a token, a cluster that stands alone, and what they name.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "elasticache" } }
}

variable "node" { default = "cache.t3.micro" }
variable "owner" { default = "platform" }
variable "retention" { default = 3 }
variable "policy" { default = "allkeys-lru" }
variable "access" { default = "on ~app:* +@all" }
variable "replicas" { default = 2 }

resource "aws_vpc" "main" {
  cidr_block = "10.71.0.0/16"
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}

resource "aws_security_group" "cache" {
  name   = "story-cache"
  vpc_id = aws_vpc.main.id
}

resource "aws_sns_topic" "events" {
  name = "story-cache-events"
}

resource "aws_cloudwatch_log_group" "slow" {
  name = "story-cache-slow"
}

resource "aws_elasticache_subnet_group" "main" {
  name       = "story-cache"
  subnet_ids = aws_subnet.private[*].id
  tags       = { Owner = var.owner }
}

resource "aws_elasticache_parameter_group" "redis" {
  name   = "story-redis7"
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = var.policy
  }
}

resource "aws_elasticache_user" "default" {
  user_id              = "story-default"
  user_name            = "default"
  engine               = "redis"
  access_string        = "off -@all"
  no_password_required = true
}

resource "aws_elasticache_user" "app" {
  user_id       = "story-app"
  user_name     = "app"
  engine        = "redis"
  access_string = var.access
  tags          = { Owner = var.owner }

  authentication_mode {
    type      = "password"
    passwords = ["a-password-of-16-letters"]
  }
}

resource "aws_elasticache_user_group" "main" {
  user_group_id = "story-users"
  engine        = "redis"
  user_ids      = [aws_elasticache_user.default.user_id, aws_elasticache_user.app.user_id]
  tags          = { Owner = var.owner }
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id       = "story-main"
  description                = "Sessions of ${var.owner}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = var.node
  num_cache_clusters         = 2
  port                       = 6380
  parameter_group_name       = aws_elasticache_parameter_group.redis.name
  subnet_group_name          = aws_elasticache_subnet_group.main.name
  security_group_ids         = [aws_security_group.cache.id]
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  user_group_ids             = [aws_elasticache_user_group.main.id]
  snapshot_retention_limit   = var.retention
  snapshot_window            = "05:00-06:00"
  maintenance_window         = "mon:07:00-mon:08:00"
  notification_topic_arn     = aws_sns_topic.events.arn
  auto_minor_version_upgrade = true
  apply_immediately          = true
  tags                       = { Owner = var.owner }

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

resource "aws_elasticache_replication_group" "token" {
  replication_group_id       = "story-token"
  description                = "With a token"
  engine                     = "valkey"
  engine_version             = "7.2"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = var.replicas
  subnet_group_name          = aws_elasticache_subnet_group.main.name
  transit_encryption_enabled = true
  auth_token                 = "a-token-of-enough-letters"
  apply_immediately          = true
}

resource "aws_elasticache_cluster" "alone" {
  cluster_id               = "story-alone"
  engine                   = "redis"
  node_type                = "cache.t3.micro"
  num_cache_nodes          = 1
  parameter_group_name     = "default.redis7"
  subnet_group_name        = aws_elasticache_subnet_group.main.name
  snapshot_retention_limit = 1
  apply_immediately        = true
  tags                     = { Owner = var.owner }
}

data "aws_elasticache_replication_group" "main" {
  replication_group_id = aws_elasticache_replication_group.main.id
}

data "aws_elasticache_cluster" "alone" {
  cluster_id = aws_elasticache_cluster.alone.cluster_id
}

data "aws_elasticache_subnet_group" "main" {
  name = aws_elasticache_subnet_group.main.name
}

data "aws_elasticache_user" "app" {
  user_id = aws_elasticache_user.app.user_id
}
