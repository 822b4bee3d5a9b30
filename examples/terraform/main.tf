locals {
  name = "${var.project}-${var.environment}"
  port = 3000

  # Which paths reach which service; the studio takes the rest.
  services = {
    server = { priority = 10, paths = ["/api/*", "/socket.io/*"], health = "/health" }
    studio = { priority = null, paths = [], health = "/" }
  }
}

data "aws_caller_identity" "current" {}

module "network" {
  source = "./modules/network"

  name         = local.name
  cidr         = var.vpc_cidr
  zones        = var.availability_zones
  nat_per_zone = var.nat_per_zone
  tags         = var.extra_tags
}

module "security" {
  source = "./modules/security"

  name   = local.name
  vpc_id = module.network.vpc_id
  port   = local.port
}

module "logs" {
  source = "./modules/logs"

  name           = local.name
  account_id     = data.aws_caller_identity.current.account_id
  retention_days = var.log_retention_days
}

module "balancer" {
  source = "./modules/balancer"

  name                = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  security_group_id   = module.security.balancer_id
  port                = local.port
  services            = local.services
  default_service     = "studio"
  certificate_arn     = var.certificate_arn
  deletion_protection = var.deletion_protection
  logs_bucket         = module.logs.bucket
}

module "registry" {
  source = "./modules/registry"

  name     = local.name
  services = keys(local.services)
  keep     = 10
}

module "secrets" {
  source = "./modules/secrets"

  name = local.name
  secrets = {
    firebase = "Firebase service account"
    gemini   = "Google Gemini API key"
    openai   = "OpenAI API key"
  }
}

module "database" {
  source = "./modules/database"

  name                = local.name
  subnet_ids          = module.network.private_subnet_ids
  security_group_id   = module.security.database_id
  instance_class      = var.database.instance_class
  storage             = var.database.storage
  multi_az            = var.database.multi_az
  backup_days         = var.database.backup_days
  deletion_protection = var.deletion_protection
}

module "cache" {
  source = "./modules/cache"

  name              = local.name
  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.security.cache_id
  node_type         = var.cache_node_type
}

module "cluster" {
  source = "./modules/cluster"

  name        = local.name
  secret_arns = concat(values(module.secrets.arns), [module.database.secret_arn])
  tags        = var.extra_tags
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name               = each.key
  prefix             = local.name
  cluster            = module.cluster.name
  execution_role_arn = module.cluster.execution_role_arn
  image              = "${module.registry.urls[each.key]}:${var.image_tag}"
  port               = local.port
  cpu                = var.services[each.key].cpu
  memory             = var.services[each.key].memory
  minimum            = var.services[each.key].minimum
  maximum            = var.services[each.key].maximum
  off_hours          = var.off_hours
  subnet_ids         = module.network.private_subnet_ids
  security_group_id  = module.security.service_id
  target_group_arn   = module.balancer.target_group_arns[each.key]
  log_retention_days = var.log_retention_days
  alarm_topic_arn    = module.monitoring.topic_arn

  environment = each.key == "server" ? {
    APP_ENV   = var.environment
    DB_HOST   = module.database.address
    DB_PORT   = module.database.port
    DB_NAME   = module.database.name
    REDIS_URL = "redis://${module.cache.address}:${module.cache.port}/0"
  } : {}

  secrets = each.key == "server" ? {
    DB_USER         = "${module.database.secret_arn}:username::"
    DB_PASSWORD     = "${module.database.secret_arn}:password::"
    FIREBASE_CONFIG = module.secrets.arns["firebase"]
    GEMINI_API_KEY  = module.secrets.arns["gemini"]
    OPENAI_API_KEY  = module.secrets.arns["openai"]
  } : {}
}

module "monitoring" {
  source = "./modules/monitoring"

  name           = local.name
  region         = var.region
  account_id     = data.aws_caller_identity.current.account_id
  email          = var.alarm_email
  balancer       = module.balancer.arn_suffix
  target_groups  = module.balancer.target_group_arn_suffixes
  cluster        = module.cluster.name
  services       = keys(local.services)
  database       = module.database.identifier
  database_gib   = var.database.storage
  cache_clusters = module.cache.member_clusters
}

module "pipeline" {
  source = "./modules/pipeline"
  count  = var.github_repository == null ? 0 : 1

  name              = local.name
  github_repository = var.github_repository
  cluster           = module.cluster.name
  account_id        = data.aws_caller_identity.current.account_id
  region            = var.region
  repository_arns   = values(module.registry.arns)
  task_role_arns    = concat([module.cluster.execution_role_arn], [for s in module.service : s.task_role_arn])
}
