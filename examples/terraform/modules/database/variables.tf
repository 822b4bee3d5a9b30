variable "name" { type = string }
variable "subnet_ids" { type = list(string) }
variable "security_group_id" { type = string }
variable "instance_class" { type = string }
variable "storage" { type = number }
variable "multi_az" { type = bool }
variable "backup_days" { type = number }
variable "deletion_protection" { type = bool }
