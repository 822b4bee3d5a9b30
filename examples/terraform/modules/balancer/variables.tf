variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "security_group_id" { type = string }
variable "port" { type = number }
variable "default_service" { type = string }
variable "certificate_arn" { type = string }
variable "deletion_protection" { type = bool }
variable "logs_bucket" { type = string }

variable "services" {
  type = map(object({ priority = number, paths = list(string), health = string }))
}
