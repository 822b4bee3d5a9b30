environment         = "production"
vpc_cidr            = "10.1.0.0/16"
nat_per_zone        = true
deletion_protection = true
github_repository   = "apexai/crm"
alarm_email         = "operations@example.com"
log_retention_days  = 30

# certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/…"

services = {
  server = { cpu = 512, memory = 1024, minimum = 2, maximum = 10 }
  studio = { cpu = 512, memory = 1024, minimum = 2, maximum = 10 }
}

database = {
  instance_class = "db.t3.micro"
  multi_az       = true
}
