terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "monitoring" } }
}

variable "threshold" { default = 80 }
variable "display" { default = "Alarms" }
variable "tag" { default = "one" }
variable "filter" { default = "high" }
variable "title" { default = "CPU" }

data "aws_caller_identity" "this" {}

resource "aws_sns_topic" "alarms" {
  name              = "story-alarms"
  display_name      = var.display
  signature_version = 2
  tracing_config    = "PassThrough"

  delivery_policy = jsonencode({
    http = {
      defaultHealthyRetryPolicy = {
        minDelayTarget    = 20, maxDelayTarget = 20, numRetries = 3, numMaxDelayRetries = 0
        numNoDelayRetries = 0, numMinDelayRetries = 0, backoffFunction = "linear"
      }
      disableSubscriptionOverrides = false
    }
  })

  tags = { Step = var.tag }
}

resource "aws_sns_topic" "prefixed" {
  name_prefix = "story-"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Action    = "SNS:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = "operations@example.com"
}

resource "aws_sqs_queue" "inbox" {
  name = "story-inbox"
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn            = aws_sns_topic.alarms.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.inbox.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ severity = [var.filter, { prefix = "crit" }] })
  filter_policy_scope  = "MessageAttributes"

  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.inbox.arn })
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name                = "story-cpu"
  alarm_description         = "CPU above ${var.threshold} %"
  namespace                 = "AWS/ECS"
  metric_name               = "CPUUtilization"
  dimensions                = { ClusterName = "a", ServiceName = "b" }
  statistic                 = "Average"
  period                    = 60
  evaluation_periods        = 5
  datapoints_to_alarm       = 3
  comparison_operator       = "GreaterThanOrEqualToThreshold"
  threshold                 = var.threshold
  treat_missing_data        = "breaching"
  unit                      = "Percent"
  actions_enabled           = true
  alarm_actions             = [aws_sns_topic.alarms.arn]
  ok_actions                = [aws_sns_topic.alarms.arn]
  insufficient_data_actions = [aws_sns_topic.alarms.arn]
  tags                      = { Step = var.tag }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name                            = "story-latency"
  namespace                             = "AWS/ApplicationELB"
  metric_name                           = "TargetResponseTime"
  extended_statistic                    = "p99.9"
  period                                = 300
  evaluation_periods                    = 1
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = 1.5
  evaluate_low_sample_count_percentiles = "ignore"
  actions_enabled                       = false
}

resource "aws_cloudwatch_metric_alarm" "ratio" {
  alarm_name          = "story-ratio"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 2
  threshold           = var.threshold

  metric_query {
    id          = "ratio"
    expression  = "100 * (requests - errors) / requests"
    label       = "Success"
    return_data = true
  }

  metric_query {
    id = "requests"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      period      = 60
      stat        = "Sum"
      unit        = "Count"
      dimensions  = { LoadBalancer = "app/a/b" }
    }
  }

  metric_query {
    id = "errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      period      = 60
      stat        = "Sum"
      dimensions  = { LoadBalancer = "app/a/b" }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "any" {
  alarm_name        = "story-any"
  alarm_description = "Anything is wrong"
  alarm_rule        = "ALARM(${aws_cloudwatch_metric_alarm.cpu.alarm_name}) OR ALARM(${aws_cloudwatch_metric_alarm.ratio.alarm_name})"
  alarm_actions     = [aws_sns_topic.alarms.arn]
  ok_actions        = [aws_sns_topic.alarms.arn]
  actions_enabled   = true

  actions_suppressor {
    alarm            = aws_cloudwatch_metric_alarm.latency.alarm_name
    extension_period = 60
    wait_period      = 120
  }

  tags = { Step = var.tag }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "story"
  dashboard_body = jsonencode({
    start          = "-PT6H"
    periodOverride = "inherit"
    widgets = [
      {
        type       = "metric", x = 0, y = 0, width = 12, height = 6
        properties = { title = var.title, region = "us-east-1", view = "timeSeries", stacked = false, metrics = [["AWS/ECS", "CPUUtilization"]] }
      },
      { type = "text", x = 12, y = 0, width = 6, height = 6, properties = { markdown = "# Story" } },
      { type = "alarm", x = 0, y = 6, width = 6, height = 3, properties = { title = "Alarms", alarms = [aws_cloudwatch_metric_alarm.cpu.arn] } },
    ]
  })
}

resource "aws_acm_certificate" "requested" {
  domain_name               = "crm.example.com"
  subject_alternative_names = ["*.crm.example.com"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"
  tags                      = { Step = var.tag }

  options { certificate_transparency_logging_preference = "ENABLED" }
  lifecycle { create_before_destroy = true }
}

data "aws_sns_topic" "alarms" {
  name       = "story-alarms"
  depends_on = [aws_sns_topic.alarms]
}

output "validation" { value = [for o in aws_acm_certificate.requested.domain_validation_options : o.resource_record_type] }
