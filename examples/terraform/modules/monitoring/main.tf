# Alarms, whom they tell, and a dashboard.

resource "aws_sns_topic" "alarms" {
  name         = "${var.name}-alarms"
  display_name = "Alarms of ${var.name}"
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "email" {
  count = var.email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.email
}

locals {
  service_alarms = merge([for s in var.services : {
    "${s}-cpu" = {
      namespace  = "AWS/ECS"
      metric     = "CPUUtilization"
      statistic  = "Average"
      above      = 85
      dimensions = { ClusterName = var.cluster, ServiceName = s }
    }
    "${s}-memory" = {
      namespace  = "AWS/ECS"
      metric     = "MemoryUtilization"
      statistic  = "Average"
      above      = 85
      dimensions = { ClusterName = var.cluster, ServiceName = s }
    }
    "${s}-unhealthy" = {
      namespace  = "AWS/ApplicationELB"
      metric     = "UnHealthyHostCount"
      statistic  = "Maximum"
      above      = 0
      dimensions = { LoadBalancer = var.balancer, TargetGroup = var.target_groups[s] }
    }
  }]...)

  alarms = merge(local.service_alarms, {
    balancer-5xx = {
      namespace  = "AWS/ApplicationELB"
      metric     = "HTTPCode_ELB_5XX_Count"
      statistic  = "Sum"
      above      = 10
      dimensions = { LoadBalancer = var.balancer }
    }
    target-5xx = {
      namespace  = "AWS/ApplicationELB"
      metric     = "HTTPCode_Target_5XX_Count"
      statistic  = "Sum"
      above      = 10
      dimensions = { LoadBalancer = var.balancer }
    }
    database-cpu = {
      namespace  = "AWS/RDS"
      metric     = "CPUUtilization"
      statistic  = "Average"
      above      = 80
      dimensions = { DBInstanceIdentifier = var.database }
    }
    database-connections = {
      namespace  = "AWS/RDS"
      metric     = "DatabaseConnections"
      statistic  = "Average"
      above      = 50
      dimensions = { DBInstanceIdentifier = var.database }
    }
    cache-cpu = {
      namespace  = "AWS/ElastiCache"
      metric     = "EngineCPUUtilization"
      statistic  = "Average"
      above      = 80
      dimensions = { CacheClusterId = tolist(var.cache_clusters)[0] }
    }
    cache-memory = {
      namespace  = "AWS/ElastiCache"
      metric     = "DatabaseMemoryUsagePercentage"
      statistic  = "Average"
      above      = 80
      dimensions = { CacheClusterId = tolist(var.cache_clusters)[0] }
    }
  })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.metric} above ${each.value.above}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-latency"
  alarm_description   = "One request in a hundred takes longer than a second"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = var.balancer }
  extended_statistic  = "p99"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "storage" {
  alarm_name          = "${var.name}-database-storage"
  alarm_description   = "Less than a tenth of the database's storage is free"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = var.database }
  statistic           = "Minimum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = var.database_gib * 1024 * 1024 * 1024 / 10
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "metric"
        x      = 0
        y      = 0
        width  = 12
        height = 6
        properties = {
          title  = "Requests"
          region = var.region
          stat   = "Sum"
          period = 60
          metrics = [
            ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.balancer],
            ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.balancer],
          ]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 0
        width  = 12
        height = 6
        properties = {
          title   = "CPU"
          region  = var.region
          stat    = "Average"
          period  = 60
          metrics = [for s in var.services : ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster, "ServiceName", s]]
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 6
        width  = 24
        height = 6
        properties = {
          title   = "Database"
          region  = var.region
          stat    = "Average"
          period  = 60
          metrics = [["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database]]
        }
      },
    ]
  })
}
