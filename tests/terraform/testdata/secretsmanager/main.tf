terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "secretsmanager" } }
}

variable "value" { default = "hunter2" }
variable "owner" { default = "platform" }
variable "description" { default = "the database's password" }
variable "key" { default = "own" }

resource "aws_kms_key" "own" {
  deletion_window_in_days = 7
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "story-secrets/database"
  description             = var.description
  kms_key_id              = var.key == "own" ? aws_kms_key.own.arn : "alias/aws/secretsmanager"
  recovery_window_in_days = 0
  tags                    = { Owner = var.owner }
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id     = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({ username = "crm", password = var.value })
}

resource "aws_secretsmanager_secret" "binary" {
  name_prefix             = "story-secrets-binary-"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "binary" {
  secret_id      = aws_secretsmanager_secret.binary.arn
  secret_binary  = base64encode(var.value)
  version_stages = ["AWSCURRENT", "LIVE"]
}

resource "aws_secretsmanager_secret" "replicated" {
  name                           = "story-secrets/replicated"
  force_overwrite_replica_secret = true
  recovery_window_in_days        = 0

  replica { region = "eu-central-1" }
}

resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn          = aws_secretsmanager_secret.database.arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::000000000000:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

data "aws_secretsmanager_random_password" "one" {
  password_length = 24
}

data "aws_secretsmanager_secret" "database" {
  name       = aws_secretsmanager_secret.database.name
  depends_on = [aws_secretsmanager_secret_version.database]
}

data "aws_secretsmanager_secret_version" "database" {
  secret_id  = aws_secretsmanager_secret.database.id
  depends_on = [aws_secretsmanager_secret_version.database]
}

data "aws_secretsmanager_secrets" "all" {
  filter {
    name   = "name"
    values = ["story-secrets"]
  }
  depends_on = [aws_secretsmanager_secret.database]
}

output "arn" { value = data.aws_secretsmanager_secret.database.arn }

output "password" {
  value     = jsondecode(data.aws_secretsmanager_secret_version.database.secret_string).password
  sensitive = true
}
