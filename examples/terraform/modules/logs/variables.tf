variable "name" { type = string }
variable "account_id" { type = string }
variable "retention_days" { type = number }
