terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "ssm" } }
}

variable "url" { default = "mysql://one" }
variable "token" { default = "hunter2" }
variable "owner" { default = "platform" }
variable "description" { default = "where the data is" }

resource "aws_kms_key" "own" {
  deletion_window_in_days = 7
}

resource "aws_ssm_parameter" "url" {
  name            = "/story-ssm/url"
  type            = "String"
  value           = var.url
  description     = var.description
  allowed_pattern = "^mysql://"
  data_type       = "text"
  tags            = { Owner = var.owner }
}

resource "aws_ssm_parameter" "zones" {
  name  = "/story-ssm/zones"
  type  = "StringList"
  value = "us-east-1a,us-east-1b"
}

resource "aws_ssm_parameter" "token" {
  name  = "/story-ssm/secret/token"
  type  = "SecureString"
  value = var.token
}

resource "aws_ssm_parameter" "sealed" {
  name   = "/story-ssm/secret/sealed"
  type   = "SecureString"
  key_id = aws_kms_key.own.key_id
  value  = var.token
  tier   = "Advanced"
}

resource "aws_ssm_parameter" "plain" {
  name  = "story-ssm-plain"
  type  = "String"
  value = var.url
  tier  = "Intelligent-Tiering"
}

data "aws_ssm_parameter" "token" {
  name       = aws_ssm_parameter.token.name
  depends_on = [aws_ssm_parameter.token]
}

data "aws_ssm_parameters_by_path" "all" {
  path       = "/story-ssm"
  recursive  = true
  depends_on = [aws_ssm_parameter.url, aws_ssm_parameter.zones, aws_ssm_parameter.token, aws_ssm_parameter.sealed]
}

output "names" { value = data.aws_ssm_parameters_by_path.all.names }
output "arn" { value = data.aws_ssm_parameter.token.arn }
