terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "kms" } }
}

variable "description" { default = "data at rest" }
variable "owner" { default = "platform" }
variable "enabled" { default = true }
variable "rotation" { default = true }
variable "period" { default = 180 }
variable "alias_of" { default = "data" }

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.us-east-1.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:us-east-1:${data.aws_caller_identity.me.account_id}:*"]
    }
  }
}

resource "aws_kms_key" "data" {
  description             = var.description
  deletion_window_in_days = 7
  enable_key_rotation     = var.rotation
  rotation_period_in_days = var.rotation ? var.period : null
  is_enabled              = var.enabled
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = { Owner = var.owner }
}

resource "aws_kms_key" "other" {
  tags = { Name = "other" }
}

resource "aws_kms_key" "signing" {
  description              = "signing"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
}

resource "aws_kms_key" "mac" {
  key_usage                = "GENERATE_VERIFY_MAC"
  customer_master_key_spec = "HMAC_256"
}

resource "aws_kms_external_key" "brought" {
  description             = "material of our own"
  deletion_window_in_days = 7
  key_material_base64     = "Wblj06fduthWggmsT0cLVoIMOkeLbc2kVfMud77i/JY="
  enabled                 = true
}

resource "aws_kms_key_policy" "other" {
  key_id = aws_kms_key.other.id
  policy = jsonencode({
    Id      = "other"
    Version = "2012-10-17"
    Statement = [{
      Sid       = "All"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "data" {
  name          = "alias/story-kms/data"
  target_key_id = var.alias_of == "data" ? aws_kms_key.data.key_id : aws_kms_key.other.key_id
}

resource "aws_kms_alias" "prefixed" {
  name_prefix   = "alias/story-kms-"
  target_key_id = aws_kms_key.signing.arn
}

resource "aws_iam_role" "reader" {
  name = "story-kms-reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_kms_grant" "reader" {
  name              = "reader"
  key_id            = aws_kms_key.other.key_id
  grantee_principal = aws_iam_role.reader.arn
  operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]

  constraints {
    encryption_context_equals = { Department = "Finance" }
  }
}

resource "aws_kms_ciphertext" "token" {
  key_id    = aws_kms_key.other.key_id
  plaintext = "hunter2"
  context   = { app = "crm" }
}

data "aws_kms_secrets" "token" {
  secret {
    name    = "token"
    payload = aws_kms_ciphertext.token.ciphertext_blob
    context = { app = "crm" }
  }
}

data "aws_kms_key" "data" { key_id = aws_kms_alias.data.name }
data "aws_kms_alias" "rds" { name = "alias/aws/rds" }
data "aws_kms_key" "secrets" { key_id = "alias/aws/secretsmanager" }
data "aws_kms_public_key" "signing" { key_id = aws_kms_key.signing.arn }

output "manager" { value = data.aws_kms_key.secrets.key_manager }
output "rds" { value = data.aws_kms_alias.rds.target_key_arn }
output "pem" { value = data.aws_kms_public_key.signing.public_key_pem }

output "opened" {
  value     = data.aws_kms_secrets.token.plaintext["token"]
  sensitive = true
}
