# An instance with nearly every attribute, an Aurora cluster, and all that is made
# of them or that they name. The instance alone takes 80 s in the provider.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "rds" } }
}

variable "class" { default = "db.t3.micro" }
variable "retention" { default = 7 }
variable "owner" { default = "platform" }
variable "interval" { default = 60 }
variable "exports" { default = ["error", "slowquery"] }
variable "events" { default = "CONNECT" }
variable "capacity" { default = 2 }
variable "slow" { default = "1" }

resource "aws_vpc" "main" {
  cidr_block = "10.70.0.0/16"
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}

resource "aws_security_group" "database" {
  name   = "story-database"
  vpc_id = aws_vpc.main.id
}

resource "aws_iam_role" "monitoring" {
  name = "story-rds-monitoring"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "monitoring.rds.amazonaws.com" } }]
  })
}

resource "aws_sns_topic" "events" {
  name = "story-rds-events"
}

resource "aws_db_subnet_group" "main" {
  name        = "story-rds"
  description = "Private subnets"
  subnet_ids  = aws_subnet.private[*].id
  tags        = { Owner = var.owner }
}

resource "aws_db_parameter_group" "mysql" {
  name        = "story-mysql"
  family      = "mysql8.0"
  description = "Tuned"

  parameter {
    name  = "max_connections"
    value = "{DBInstanceClassMemory/12582880}"
  }
  parameter {
    name  = "slow_query_log"
    value = var.slow
  }
  parameter {
    name         = "innodb_buffer_pool_size"
    value        = "{DBInstanceClassMemory*1/2}"
    apply_method = "pending-reboot"
  }
}

resource "aws_db_parameter_group" "postgres" {
  name   = "story-postgres"
  family = "postgres16"

  parameter {
    name  = "log_connections"
    value = "1"
  }
}

resource "aws_rds_cluster_parameter_group" "aurora" {
  name   = "story-aurora"
  family = "aurora-mysql8.0"

  parameter {
    name  = "character_set_server"
    value = "utf8mb4"
  }
}

resource "aws_db_option_group" "mysql" {
  name                     = "story-options"
  engine_name              = "mysql"
  major_engine_version     = "8.0"
  option_group_description = "Audited"
  tags                     = { Owner = var.owner }

  option {
    option_name = "MARIADB_AUDIT_PLUGIN"
    option_settings {
      name  = "SERVER_AUDIT_EVENTS"
      value = var.events
    }
  }
}

resource "aws_db_instance" "main" {
  identifier                            = "story-main"
  engine                                = "mysql"
  engine_version                        = "8.0"
  instance_class                        = var.class
  allocated_storage                     = 20
  max_allocated_storage                 = 100
  storage_type                          = "gp3"
  storage_encrypted                     = true
  db_name                               = "app"
  username                              = "admin"
  manage_master_user_password           = true
  port                                  = 3307
  db_subnet_group_name                  = aws_db_subnet_group.main.name
  vpc_security_group_ids                = [aws_security_group.database.id]
  parameter_group_name                  = aws_db_parameter_group.mysql.name
  option_group_name                     = aws_db_option_group.mysql.name
  multi_az                              = true
  backup_retention_period               = var.retention
  backup_window                         = "03:00-04:00"
  maintenance_window                    = "Mon:04:00-Mon:05:00"
  auto_minor_version_upgrade            = false
  copy_tags_to_snapshot                 = true
  iam_database_authentication_enabled   = true
  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  monitoring_interval                   = var.interval
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = var.exports
  ca_cert_identifier                    = "rds-ca-rsa2048-g1"
  apply_immediately                     = true
  skip_final_snapshot                   = true
  tags                                  = { Owner = var.owner }
}

resource "aws_db_snapshot" "manual" {
  db_instance_identifier = aws_db_instance.main.identifier
  db_snapshot_identifier = "story-manual"
  tags                   = { Owner = var.owner }
}

resource "aws_db_event_subscription" "main" {
  name             = "story-events"
  sns_topic        = aws_sns_topic.events.arn
  source_type      = "db-instance"
  source_ids       = [aws_db_instance.main.identifier]
  event_categories = ["availability", "failover"]
}

resource "aws_rds_cluster" "aurora" {
  cluster_identifier              = "story-aurora"
  engine                          = "aurora-mysql"
  engine_version                  = "8.0.mysql_aurora.3.08.0"
  database_name                   = "app"
  master_username                 = "admin"
  master_password                 = "correct-horse"
  db_subnet_group_name            = aws_db_subnet_group.main.name
  vpc_security_group_ids          = [aws_security_group.database.id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.aurora.name
  backup_retention_period         = var.retention
  preferred_backup_window         = "02:00-03:00"
  preferred_maintenance_window    = "tue:04:00-tue:05:00"
  storage_encrypted               = true
  copy_tags_to_snapshot           = true
  enabled_cloudwatch_logs_exports = var.exports
  apply_immediately               = true
  skip_final_snapshot             = true
  tags                            = { Owner = var.owner }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = var.capacity
  }
}

resource "aws_rds_cluster_instance" "aurora" {
  identifier                   = "story-aurora-1"
  cluster_identifier           = aws_rds_cluster.aurora.id
  engine                       = aws_rds_cluster.aurora.engine
  engine_version               = aws_rds_cluster.aurora.engine_version
  instance_class               = "db.serverless"
  promotion_tier               = 3
  performance_insights_enabled = true
  monitoring_interval          = 30
  monitoring_role_arn          = aws_iam_role.monitoring.arn
  tags                         = { Owner = var.owner }
}

resource "aws_rds_cluster_endpoint" "reports" {
  cluster_identifier          = aws_rds_cluster.aurora.id
  cluster_endpoint_identifier = "story-reports"
  custom_endpoint_type        = "READER"
  static_members              = [aws_rds_cluster_instance.aurora.id]
}

resource "aws_db_cluster_snapshot" "manual" {
  db_cluster_identifier          = aws_rds_cluster.aurora.id
  db_cluster_snapshot_identifier = "story-aurora-manual"
  depends_on                     = [aws_rds_cluster_instance.aurora]
}

data "aws_rds_engine_version" "mysql" {
  engine             = "mysql"
  preferred_versions = ["8.0.40", "8.0.39"]
}

data "aws_rds_orderable_db_instance" "mysql" {
  engine                     = "mysql"
  engine_version             = data.aws_rds_engine_version.mysql.version
  license_model              = "general-public-license"
  preferred_instance_classes = ["db.t3.micro", "db.t4g.micro"]
}

data "aws_rds_certificate" "newest" {
  latest_valid_till = true
}

data "aws_db_event_categories" "instance" {
  source_type = "db-instance"
}

data "aws_db_instance" "main" {
  db_instance_identifier = aws_db_instance.main.identifier
}

data "aws_db_snapshot" "manual" {
  db_instance_identifier = aws_db_instance.main.identifier
  db_snapshot_identifier = aws_db_snapshot.manual.id
}

data "aws_db_subnet_group" "main" {
  name = aws_db_subnet_group.main.name
}

data "aws_rds_cluster" "aurora" {
  cluster_identifier = aws_rds_cluster.aurora.cluster_identifier
}
