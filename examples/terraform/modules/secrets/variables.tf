variable "name" { type = string }

variable "secrets" {
  description = "Name to description."
  type        = map(string)
}
