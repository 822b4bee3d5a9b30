terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "wafv2" } }
}

variable "owner" { default = "platform" }
variable "limit" { default = 1000 }
variable "addresses" { default = ["10.0.0.0/8"] }

resource "aws_wafv2_ip_set" "office" {
  name               = "story-office"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = var.addresses
  description        = "of ${var.owner}"
  tags               = { Owner = var.owner }
}

resource "aws_wafv2_regex_pattern_set" "admin" {
  name  = "story-admin"
  scope = "REGIONAL"
  regular_expression { regex_string = "^/admin" }
  regular_expression { regex_string = "^/${var.owner}" }
}

resource "aws_wafv2_rule_group" "paths" {
  name     = "story-paths"
  scope    = "REGIONAL"
  capacity = 100

  rule {
    name     = "admin"
    priority = 1
    action {
      block {
        custom_response { response_code = 403 }
      }
    }
    statement {
      regex_pattern_set_reference_statement {
        arn = aws_wafv2_regex_pattern_set.admin.arn
        field_to_match {
          uri_path {}
        }
        text_transformation {
          priority = 0
          type     = "LOWERCASE"
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "admin"
      sampled_requests_enabled   = true
    }
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "paths"
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl" "guard" {
  name        = "story-guard"
  scope       = "REGIONAL"
  description = "of ${var.owner}"
  tags        = { Owner = var.owner }

  default_action {
    allow {
      custom_request_handling {
        insert_header {
          name  = "x-guarded"
          value = var.owner
        }
      }
    }
  }

  custom_response_body {
    key          = "limited"
    content      = "too many requests"
    content_type = "TEXT_PLAIN"
  }

  rule {
    name     = "office"
    priority = 0
    action {
      allow {}
    }
    statement {
      and_statement {
        statement {
          ip_set_reference_statement { arn = aws_wafv2_ip_set.office.arn }
        }
        statement {
          not_statement {
            statement {
              byte_match_statement {
                positional_constraint = "STARTS_WITH"
                search_string         = "/api"
                field_to_match {
                  uri_path {}
                }
                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "office"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "common"
    priority = 1
    override_action {
      none {}
    }
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"
        rule_action_override {
          name = "SizeRestrictions_BODY"
          action_to_use {
            count {}
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "common"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "paths"
    priority = 2
    override_action {
      count {}
    }
    statement {
      rule_group_reference_statement { arn = aws_wafv2_rule_group.paths.arn }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "paths"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "rate"
    priority = 3
    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "limited"
        }
      }
    }
    statement {
      rate_based_statement {
        limit              = var.limit
        aggregate_key_type = "IP"
        scope_down_statement {
          geo_match_statement { country_codes = ["US", "DE"] }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "guard"
    sampled_requests_enabled   = true
  }
}

resource "aws_cloudwatch_log_group" "guard" {
  name = "aws-waf-logs-story"
}

resource "aws_wafv2_web_acl_logging_configuration" "guard" {
  resource_arn            = aws_wafv2_web_acl.guard.arn
  log_destination_configs = [aws_cloudwatch_log_group.guard.arn]
  redacted_fields {
    single_header { name = "authorization" }
  }
}

data "aws_wafv2_ip_set" "office" {
  name  = aws_wafv2_ip_set.office.name
  scope = "REGIONAL"
}

data "aws_wafv2_web_acl" "guard" {
  name  = aws_wafv2_web_acl.guard.name
  scope = "REGIONAL"
}

output "acl" { value = data.aws_wafv2_web_acl.guard.arn }
