variable "name" { type = string }
variable "github_repository" { type = string }
variable "cluster" { type = string }
variable "account_id" { type = string }
variable "region" { type = string }
variable "repository_arns" { type = list(string) }
variable "task_role_arns" { type = list(string) }
