terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "logs" } }
}

variable "retention" { default = 7 }
variable "owner" { default = "platform" }
variable "pattern" { default = "{ $.level = \"error\" }" }

resource "aws_cloudwatch_log_group" "server" {
  name              = "/story-logs/server"
  retention_in_days = var.retention
  tags              = { Owner = var.owner, Empty = "" }
}

resource "aws_cloudwatch_log_group" "audit" {
  name_prefix     = "/story-logs/audit-"
  log_group_class = "INFREQUENT_ACCESS"
  skip_destroy    = false
}

resource "aws_cloudwatch_log_stream" "manual" {
  name           = "manual/1"
  log_group_name = aws_cloudwatch_log_group.server.name
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.server.name
  pattern        = var.pattern

  metric_transformation {
    name          = "Errors"
    namespace     = "Story/Logs"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_cloudwatch_log_metric_filter" "latency" {
  name           = "latency"
  log_group_name = aws_cloudwatch_log_group.server.name
  pattern        = "{ $.ms = * }"

  metric_transformation {
    name       = "Latency"
    namespace  = "Story/Logs"
    value      = "$.ms"
    unit       = "Milliseconds"
    dimensions = { Route = "$.route" }
  }
}

resource "aws_cloudwatch_query_definition" "slow" {
  name            = "story-logs/slow"
  log_group_names = [aws_cloudwatch_log_group.server.name]
  query_string    = "fields @timestamp, ms | filter ms > ${var.retention} | sort ms desc"
}

data "aws_cloudwatch_log_groups" "all" {
  log_group_name_prefix = "/story-logs/"
  depends_on            = [aws_cloudwatch_log_group.server]
}

data "aws_cloudwatch_log_group" "server" {
  name = aws_cloudwatch_log_group.server.name
}

output "arn" { value = data.aws_cloudwatch_log_group.server.arn }

data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_log_resource_policy" "route53" {
  policy_name = "story-logs"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "arn:aws:logs:*:${data.aws_caller_identity.this.account_id}:log-group:/story-logs/*"
      Principal = { Service = "route53.amazonaws.com" }
    }]
  })
}

# Apex takes the ARN of a log group; on AWS it would be that of a stream.
resource "aws_cloudwatch_log_subscription_filter" "copy" {
  name            = "copy"
  log_group_name  = aws_cloudwatch_log_group.server.name
  filter_pattern  = var.pattern
  destination_arn = aws_cloudwatch_log_group.audit.arn
  distribution    = "ByLogStream"
}
