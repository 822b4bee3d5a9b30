variable "project" {
  description = "Name of the application; resources are named after it and the environment."
  type        = string
  default     = "apexai-crm"
}

variable "environment" {
  description = "dev or production."
  type        = string

  validation {
    condition     = contains(["dev", "production"], var.environment)
    error_message = "The environment is dev or production."
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "vpc_cidr" {
  type    = string
  default = "10.0.0.0/16"
}

variable "availability_zones" {
  description = "How many zones to use."
  type        = number
  default     = 2
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone, so that a zone may fail alone."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ACM certificate of the HTTPS listener. Without one there is only HTTP."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Guard the load balancer and the database. Turn off, and apply, before destroying."
  type        = bool
  default     = false
}

variable "image_tag" {
  description = "Tag of the images of server and studio."
  type        = string
  default     = "latest"
}

variable "services" {
  description = "What each service gets: CPU units and MiB of a task, and the bounds of its scaling."
  type = map(object({
    cpu     = optional(number, 512)
    memory  = optional(number, 1024)
    minimum = optional(number, 2)
    maximum = optional(number, 10)
  }))
  default = { server = {}, studio = {} }
}

variable "database" {
  type = object({
    instance_class = optional(string, "db.t3.micro")
    storage        = optional(number, 20)
    multi_az       = optional(bool, false)
    backup_days    = optional(number, 7)
  })
  default = {}
}

variable "cache_node_type" {
  type    = string
  default = "cache.t3.micro"
}

variable "log_retention_days" {
  type    = number
  default = 7
}

variable "alarm_email" {
  description = "Who is told of alarms; nobody without it."
  type        = string
  default     = null
}

variable "off_hours" {
  description = "Scale services to one task in the evening and back in the morning (UTC cron)."
  type        = object({ down = string, up = string })
  default     = null
}

variable "github_repository" {
  description = "owner/name of the repository whose workflows may deploy; no deploy role without it."
  type        = string
  default     = null
}

variable "extra_tags" {
  description = "More tags for the network and the cluster."
  type        = map(string)
  default     = {}
}
