variable "name" { type = string }
variable "tags" { type = map(string) }

variable "secret_arns" {
  description = "What tasks are given."
  type        = list(string)
}
