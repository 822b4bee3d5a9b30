terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "ecr" } }
}

variable "keep" { default = 10 }
variable "mutability" { default = "MUTABLE" }
variable "owner" { default = "platform" }
variable "scan" { default = true }

resource "aws_kms_key" "own" {
  deletion_window_in_days = 7
}

resource "aws_ecr_repository" "server" {
  name                 = "story-ecr/server"
  image_tag_mutability = var.mutability
  force_delete         = true
  tags                 = { Owner = var.owner }

  image_scanning_configuration { scan_on_push = var.scan }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.own.arn
  }
}

resource "aws_ecr_repository" "plain" {
  name = "story-ecr/plain"
}

resource "aws_ecr_lifecycle_policy" "server" {
  repository = aws_ecr_repository.server.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "keep the last"
        selection    = { tagStatus = "tagged", tagPatternList = ["v*"], countType = "imageCountMoreThan", countNumber = var.keep }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
        action       = { type = "expire" }
      },
    ]
  })
}

data "aws_iam_policy_document" "pull" {
  statement {
    sid     = "Pull"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::000000000000:root"]
    }
  }
}

resource "aws_ecr_repository_policy" "server" {
  repository = aws_ecr_repository.server.name
  policy     = data.aws_iam_policy_document.pull.json
}

resource "aws_ecr_registry_policy" "all" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Replicate"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Action    = ["ecr:ReplicateImage"]
      Resource  = ["arn:aws:ecr:us-east-1:000000000000:repository/*"]
    }]
  })
}

resource "aws_ecr_registry_scanning_configuration" "all" {
  scan_type = "BASIC"

  rule {
    scan_frequency = "SCAN_ON_PUSH"
    repository_filter {
      filter      = "story-ecr/*"
      filter_type = "WILDCARD"
    }
  }
}

resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-central-1"
        registry_id = "000000000000"
      }
      repository_filter {
        filter      = "story-ecr"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

resource "aws_ecr_pull_through_cache_rule" "public" {
  ecr_repository_prefix = "story-ecr-public"
  upstream_registry_url = "public.ecr.aws"
}

resource "aws_ecr_repository_creation_template" "cache" {
  prefix               = "story-ecr-public"
  description          = "images of others"
  image_tag_mutability = "IMMUTABLE"
  applied_for          = ["PULL_THROUGH_CACHE"]
  resource_tags        = { Owner = var.owner }

  encryption_configuration { encryption_type = "AES256" }
}

data "aws_ecr_authorization_token" "login" {}

data "aws_ecr_repository" "server" {
  name = aws_ecr_repository.server.name
}

data "aws_ecr_repositories" "all" {
  depends_on = [aws_ecr_repository.server, aws_ecr_repository.plain]
}

output "url" { value = data.aws_ecr_repository.server.repository_url }
