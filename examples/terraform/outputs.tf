output "url" {
  description = "Where users find the CRM."
  value       = "${var.certificate_arn == null ? "http" : "https"}://${module.balancer.dns_name}/"
}

output "balancer_dns_name" {
  value = module.balancer.dns_name
}

output "repository_urls" {
  description = "Where to push the images of each service."
  value       = module.registry.urls
}

output "cluster" {
  value = module.cluster.name
}

output "services" {
  value = { for name, s in module.service : name => s.service_name }
}

output "database_endpoint" {
  value = module.database.endpoint
}

output "database_secret_arn" {
  description = "RDS keeps the master user's password here."
  value       = module.database.secret_arn
}

output "cache_endpoint" {
  value = "${module.cache.address}:${module.cache.port}"
}

output "nat_addresses" {
  description = "What the outside sees tasks come from."
  value       = module.network.nat_addresses
}

output "deploy_role_arn" {
  value = one(module.pipeline[*].role_arn)
}
