terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "xray" } }
}

variable "owner" { default = "platform" }
variable "share" { default = 0.05 }
variable "slow" { default = 5 }

resource "aws_xray_sampling_rule" "api" {
  rule_name      = "story-api"
  priority       = 100
  version        = 1
  reservoir_size = 2
  fixed_rate     = var.share
  host           = "*"
  http_method    = "GET"
  url_path       = "/api/*"
  service_name   = "server"
  service_type   = "AWS::ECS::Fargate"
  resource_arn   = "*"
  attributes     = { owner = var.owner }
  tags           = { Owner = var.owner }
}

resource "aws_xray_group" "slow" {
  group_name        = "story-slow"
  filter_expression = "responsetime > ${var.slow}"
  insights_configuration {
    insights_enabled      = true
    notifications_enabled = false
  }
  tags = { Owner = var.owner }
}

resource "aws_xray_encryption_config" "own" {
  type = "NONE"
}

data "aws_caller_identity" "own" {}

resource "aws_xray_resource_policy" "sns" {
  policy_name = "story-sns"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "sns"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = ["xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.own.account_id } }
    }]
  })
  policy_revision_id          = "1"
  bypass_policy_lockout_check = true
}
