terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "scheduler" } }
}

variable "rate" { default = "rate(1 hour)" }
variable "owner" { default = "platform" }
variable "state" { default = "ENABLED" }

data "aws_caller_identity" "own" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.own.account_id]
    }
  }
}

resource "aws_iam_role" "nightly" {
  name               = "story-nightly"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "nightly" {
  name = "send"
  role = aws_iam_role.nightly.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage", "ecs:RunTask", "ecs:UpdateService"], Resource = "*" }]
  })
}

resource "aws_sqs_queue" "jobs" {
  name = "story-scheduled"
}

resource "aws_sqs_queue" "ordered" {
  name                        = "story-scheduled.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
}

resource "aws_scheduler_schedule_group" "reports" {
  name = "story-reports"
  tags = { Owner = var.owner }
}

resource "aws_scheduler_schedule" "hourly" {
  name       = "hourly"
  group_name = aws_scheduler_schedule_group.reports.name
  state      = var.state

  schedule_expression = var.rate
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = aws_sqs_queue.jobs.arn
    role_arn = aws_iam_role.nightly.arn
    input    = jsonencode({ job = "report", by = var.owner })
    dead_letter_config { arn = aws_sqs_queue.jobs.arn }
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 10
    }
  }
}

resource "aws_scheduler_schedule" "ordered" {
  name_prefix                  = "ordered-"
  schedule_expression          = "cron(0 3 ? * MON-FRI *)"
  schedule_expression_timezone = "Europe/Berlin"
  start_date                   = "2030-01-01T01:00:00Z"
  end_date                     = "2031-01-01T01:00:00Z"
  description                  = "by ${var.owner}"
  flexible_time_window { mode = "OFF" }

  target {
    arn      = aws_sqs_queue.ordered.arn
    role_arn = aws_iam_role.nightly.arn
    sqs_parameters { message_group_id = "nightly" }
  }
}

resource "aws_scheduler_schedule" "task" {
  name                = "task"
  schedule_expression = "at(2031-06-01T12:00:00)"
  flexible_time_window { mode = "OFF" }

  target {
    arn      = "arn:aws:ecs:us-east-1:${data.aws_caller_identity.own.account_id}:cluster/story"
    role_arn = aws_iam_role.nightly.arn
    ecs_parameters {
      task_definition_arn     = "arn:aws:ecs:us-east-1:${data.aws_caller_identity.own.account_id}:task-definition/story"
      launch_type             = "FARGATE"
      task_count              = 2
      platform_version        = "LATEST"
      enable_ecs_managed_tags = true
      propagate_tags          = "TASK_DEFINITION"
      group                   = "reports"
      tags                    = { Owner = var.owner }
      network_configuration {
        assign_public_ip = false
        subnets          = ["subnet-0123456789abcdef0"]
        security_groups  = ["sg-0123456789abcdef0"]
      }
    }
  }
}

resource "aws_scheduler_schedule" "universal" {
  name                = "down"
  schedule_expression = "cron(0 20 * * ? *)"
  flexible_time_window { mode = "OFF" }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:ecs:updateService"
    role_arn = aws_iam_role.nightly.arn
    input    = jsonencode({ Cluster = "story", Service = "web", DesiredCount = 0 })
  }
}
