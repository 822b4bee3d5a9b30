terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "sqs" } }
}

variable "delay" { default = 5 }
variable "owner" { default = "platform" }
variable "receives" { default = 3 }

resource "aws_sqs_queue" "dead" {
  name                      = "story-dead"
  message_retention_seconds = 1209600
  tags                      = { Owner = var.owner }
}

resource "aws_sqs_queue" "jobs" {
  name                       = "story-jobs"
  delay_seconds              = var.delay
  max_message_size           = 2048
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 10
  visibility_timeout_seconds = 60
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.receives
  })
  tags = { Owner = var.owner }
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.jobs.arn]
  })
}

resource "aws_sqs_queue" "orders" {
  name                        = "story-orders.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
}

resource "aws_sqs_queue" "plain" {
  name_prefix             = "story-"
  sqs_managed_sse_enabled = false
}

resource "aws_sns_topic" "news" {
  name = "story-news"
}

data "aws_iam_policy_document" "news" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.news.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy    = data.aws_iam_policy_document.news.json
}

resource "aws_sns_topic_subscription" "jobs" {
  topic_arn            = aws_sns_topic.news.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.jobs.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ colour = ["red"] })
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })
}

data "aws_sqs_queue" "jobs" {
  name = aws_sqs_queue.jobs.name
}

data "aws_sqs_queues" "all" {
  queue_name_prefix = "story-"
  depends_on        = [aws_sqs_queue.jobs]
}

output "url" { value = data.aws_sqs_queue.jobs.url }
