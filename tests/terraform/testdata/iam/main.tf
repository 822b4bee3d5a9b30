terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "iam" } }
}

variable "description" { default = "who starts tasks" }
variable "owner" { default = "platform" }
variable "session" { default = 3600 }
variable "actions" { default = ["s3:GetObject"] }
variable "audiences" { default = ["sts.amazonaws.com"] }
variable "members" { default = ["ada", "bob"] }

data "aws_caller_identity" "me" {}

data "aws_iam_policy" "execution" {
  name = "AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}

data "aws_iam_policy_document" "pipeline" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.pipeline.arn]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:apexai/crm:*"]
    }
  }
}

data "aws_iam_policy_document" "objects" {
  statement {
    sid       = "Objects"
    actions   = var.actions
    resources = ["arn:aws:s3:::crm/*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = ["*"]
  }
}

resource "aws_iam_openid_connect_provider" "pipeline" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = var.audiences
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = { Owner = var.owner }
}

resource "aws_iam_policy" "objects" {
  name        = "iam-story-objects"
  path        = "/crm/"
  description = "the objects of the CRM"
  policy      = data.aws_iam_policy_document.objects.json
  tags        = { Owner = var.owner }
}

resource "aws_iam_policy" "boundary" {
  name_prefix = "iam-story-boundary-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:*", "logs:*"], Resource = "*" }]
  })
}

resource "aws_iam_role" "execution" {
  name                  = "iam-story-execution"
  path                  = "/tasks/"
  description           = var.description
  assume_role_policy    = data.aws_iam_policy_document.tasks.json
  max_session_duration  = var.session
  permissions_boundary  = aws_iam_policy.boundary.arn
  force_detach_policies = true
  tags                  = { Owner = var.owner }
}

resource "aws_iam_role" "pipeline" {
  name_prefix        = "iam-story-"
  assume_role_policy = data.aws_iam_policy_document.pipeline.json
}

resource "aws_iam_role_policy" "objects" {
  name   = "objects"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.objects.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = data.aws_iam_policy.execution.arn
}

resource "aws_iam_role_policy_attachments_exclusive" "pipeline" {
  role_name   = aws_iam_role.pipeline.name
  policy_arns = []
}

resource "aws_iam_role_policies_exclusive" "pipeline" {
  role_name    = aws_iam_role.pipeline.name
  policy_names = []
}

resource "aws_iam_instance_profile" "pipeline" {
  name = "iam-story-pipeline"
  role = aws_iam_role.pipeline.name
  tags = { Owner = var.owner }
}

resource "aws_iam_group" "sales" {
  name = "iam-story-sales"
  path = "/people/"
}

resource "aws_iam_group_policy" "sales" {
  name   = "read"
  group  = aws_iam_group.sales.name
  policy = data.aws_iam_policy_document.objects.json
}

resource "aws_iam_group_policy_attachment" "sales" {
  group      = aws_iam_group.sales.name
  policy_arn = aws_iam_policy.objects.arn
}

resource "aws_iam_user" "person" {
  for_each             = toset(["ada", "bob", "eve"])
  name                 = "iam-story-${each.key}"
  path                 = "/people/"
  permissions_boundary = aws_iam_policy.boundary.arn
  force_destroy        = true
  tags                 = { Owner = var.owner }
}

resource "aws_iam_user_policy" "ada" {
  name   = "own"
  user   = aws_iam_user.person["ada"].name
  policy = data.aws_iam_policy_document.objects.json
}

resource "aws_iam_user_policy_attachment" "ada" {
  user       = aws_iam_user.person["ada"].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user_group_membership" "eve" {
  user       = aws_iam_user.person["eve"].name
  groups     = [aws_iam_group.sales.name]
  depends_on = [aws_iam_group_membership.sales]
}

resource "aws_iam_group" "pair" {
  name = "iam-story-pair"
}

resource "aws_iam_group_membership" "sales" {
  name  = "pair"
  group = aws_iam_group.pair.name
  users = [for m in var.members : aws_iam_user.person[m].name]
}

resource "aws_iam_access_key" "ada" {
  user   = aws_iam_user.person["ada"].name
  status = "Active"
}

resource "aws_iam_account_alias" "us" {
  account_alias = "iam-story"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = 16
  require_symbols                = true
  require_numbers                = true
  require_uppercase_characters   = true
  require_lowercase_characters   = true
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 5
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "ecs.application-autoscaling.amazonaws.com"
  description      = "scaling of services"
}

data "aws_iam_role" "execution" {
  name = aws_iam_role.execution.name
}

data "aws_iam_user" "ada" {
  user_name = aws_iam_user.person["ada"].name
}

data "aws_iam_group" "pair" {
  group_name = aws_iam_group_membership.sales.group
}

output "found" {
  value = [data.aws_iam_role.execution.arn, data.aws_iam_user.ada.arn, data.aws_iam_group.pair.arn]
}
