variable "name" { type = string }
variable "prefix" { type = string }
variable "cluster" { type = string }
variable "execution_role_arn" { type = string }
variable "image" { type = string }
variable "port" { type = number }
variable "cpu" { type = number }
variable "memory" { type = number }
variable "minimum" { type = number }
variable "maximum" { type = number }
variable "subnet_ids" { type = list(string) }
variable "security_group_id" { type = string }
variable "target_group_arn" { type = string }
variable "log_retention_days" { type = number }
variable "alarm_topic_arn" { type = string }

variable "off_hours" {
  type = object({ down = string, up = string })
}

variable "environment" {
  type = map(string)
}

variable "secrets" {
  description = "Environment variable to where its value is read from."
  type        = map(string)
}
