variable "name" { type = string }
variable "services" { type = list(string) }
variable "keep" { type = number }
