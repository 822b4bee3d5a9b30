variable "name" { type = string }
variable "cidr" { type = string }
variable "zones" { type = number }
variable "nat_per_zone" { type = bool }
variable "tags" { type = map(string) }
