terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "events" } }
}

variable "rate" { default = "rate(1 hour)" }
variable "owner" { default = "platform" }
variable "level" { default = "error" }
variable "state" { default = "ENABLED" }

data "aws_caller_identity" "own" {}

resource "aws_sqs_queue" "jobs" {
  name = "story-events"
}

data "aws_iam_policy_document" "jobs" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy    = data.aws_iam_policy_document.jobs.json
}

resource "aws_cloudwatch_log_group" "events" {
  name = "/aws/events/story"
}

resource "aws_cloudwatch_event_bus" "shop" {
  name        = "story-shop"
  description = "orders of ${var.owner}"
  tags        = { Owner = var.owner }
}

resource "aws_cloudwatch_event_permission" "other" {
  principal      = "111111111111"
  statement_id   = "other"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
}

resource "aws_cloudwatch_event_rule" "orders" {
  name           = "orders"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  description    = "orders of ${var.owner}"
  event_pattern = jsonencode({
    source = ["shop"]
    detail = { level = [var.level, { "anything-but" = { prefix = "debug" } }], total = [{ numeric = [">", 0, "<=", 100] }] }
  })
  tags = { Owner = var.owner }
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "queue"
  arn            = aws_sqs_queue.jobs.arn
  input_transformer {
    input_paths    = { id = "$.detail.id" }
    input_template = "{\"order\": <id>, \"by\": \"${var.owner}\"}"
  }
  dead_letter_config { arn = aws_sqs_queue.jobs.arn }
  retry_policy {
    maximum_event_age_in_seconds = 300
    maximum_retry_attempts       = 5
  }
}

resource "aws_cloudwatch_event_target" "log" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  arn            = aws_cloudwatch_log_group.events.arn
}

resource "aws_cloudwatch_event_rule" "hourly" {
  name_prefix         = "story-hourly-"
  schedule_expression = var.rate
  state               = var.state
}

resource "aws_iam_role" "runner" {
  name = "story-events-runner"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" } }]
  })
}

resource "aws_cloudwatch_event_target" "task" {
  rule     = aws_cloudwatch_event_rule.hourly.name
  arn      = "arn:aws:ecs:us-east-1:${data.aws_caller_identity.own.account_id}:cluster/story"
  role_arn = aws_iam_role.runner.arn
  input    = jsonencode({ containerOverrides = [{ name = "app", command = ["report", var.owner] }] })
  ecs_target {
    task_definition_arn     = "arn:aws:ecs:us-east-1:${data.aws_caller_identity.own.account_id}:task-definition/story"
    task_count              = 1
    launch_type             = "FARGATE"
    platform_version        = "LATEST"
    enable_ecs_managed_tags = true
    propagate_tags          = "TASK_DEFINITION"
    tags                    = { Owner = var.owner }
    network_configuration {
      subnets          = ["subnet-0123456789abcdef0"]
      security_groups  = ["sg-0123456789abcdef0"]
      assign_public_ip = false
    }
  }
}

data "aws_cloudwatch_event_bus" "shop" {
  name = aws_cloudwatch_event_bus.shop.name
}

output "bus" { value = data.aws_cloudwatch_event_bus.shop.arn }
