terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "route53" } }
}

variable "ttl" { default = 300 }
variable "owner" { default = "platform" }
variable "share" { default = 90 }
variable "comment" { default = "the public zone" }
variable "threshold" { default = 3 }
variable "alias" { default = true }

resource "aws_vpc" "one" {
  cidr_block = "10.71.0.0/16"
  tags       = { Name = "story-route53-one" }
}

resource "aws_vpc" "two" {
  cidr_block = "10.72.0.0/16"
  tags       = { Name = "story-route53-two" }
}

resource "aws_subnet" "one" {
  count             = 2
  vpc_id            = aws_vpc.one.id
  cidr_block        = "10.71.${count.index}.0/24"
  availability_zone = "us-east-1${count.index == 0 ? "a" : "b"}"
}

resource "aws_lb" "web" {
  name               = "story-route53"
  internal           = true
  load_balancer_type = "application"
  subnets            = aws_subnet.one[*].id
}

resource "aws_route53_delegation_set" "shared" {}

resource "aws_route53_zone" "public" {
  name              = "story-route53.example"
  comment           = var.comment
  delegation_set_id = aws_route53_delegation_set.shared.id
  force_destroy     = true
  tags              = { Owner = var.owner, Empty = "" }
}

resource "aws_route53_zone" "private" {
  name = "corp.story-route53.example"

  vpc {
    vpc_id = aws_vpc.one.id
  }

  lifecycle {
    ignore_changes = [vpc]
  }
}

resource "aws_route53_vpc_association_authorization" "two" {
  zone_id = aws_route53_zone.private.id
  vpc_id  = aws_vpc.two.id
}

resource "aws_route53_zone_association" "two" {
  zone_id = aws_route53_vpc_association_authorization.two.zone_id
  vpc_id  = aws_route53_vpc_association_authorization.two.vpc_id
}

locals {
  simple = {
    "a A"           = ["192.0.2.1", "192.0.2.2"]
    "www CNAME"     = ["a.story-route53.example"]
    "mail MX"       = ["10 mx1.example.com", "20 mx2.example.com"]
    "* TXT"         = ["v=spf1 -all", "a \\\"quoted\\\" word"]
    "_sip._tcp SRV" = ["1 10 5060 sip.example.com"]
    "sub NS"        = ["ns1.example.com.", "ns2.example.com."]
  }
}

resource "aws_route53_record" "simple" {
  for_each = local.simple
  zone_id  = aws_route53_zone.public.zone_id
  name     = "${split(" ", each.key)[0]}.story-route53.example"
  type     = split(" ", each.key)[1]
  ttl      = var.ttl
  records  = each.value
}

resource "aws_route53_record" "alias" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "story-route53.example"
  type    = "A"

  alias {
    name                   = aws_lb.web.dns_name
    zone_id                = aws_lb.web.zone_id
    evaluate_target_health = var.alias
  }
}

resource "aws_route53_record" "inner_alias" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "b.story-route53.example"
  type    = "A"

  alias {
    name                   = aws_route53_record.simple["a A"].fqdn
    zone_id                = aws_route53_zone.public.zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "weighted" {
  for_each       = { blue = var.share, green = 100 - var.share }
  zone_id        = aws_route53_zone.public.zone_id
  name           = "weighted"
  type           = "CNAME"
  ttl            = 60
  records        = ["${each.key}.example.com"]
  set_identifier = each.key

  weighted_routing_policy {
    weight = each.value
  }
}

resource "aws_route53_health_check" "http" {
  fqdn              = "story-route53.example"
  port              = 80
  type              = "HTTP"
  resource_path     = "/health"
  failure_threshold = var.threshold
  request_interval  = 30
  regions           = ["us-east-1", "us-west-1", "eu-west-1"]
  tags              = { Name = "http", Owner = var.owner }
}

resource "aws_route53_health_check" "text" {
  ip_address         = "192.0.2.1"
  port               = 443
  type               = "HTTPS_STR_MATCH"
  search_string      = "well"
  enable_sni         = true
  invert_healthcheck = false
  failure_threshold  = 5
  request_interval   = 10
  measure_latency    = true
}

resource "aws_route53_health_check" "both" {
  type                   = "CALCULATED"
  child_health_threshold = 1
  child_healthchecks     = [aws_route53_health_check.http.id, aws_route53_health_check.text.id]
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "story-route53-errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Errors"
  namespace           = "Story"
  period              = 60
  statistic           = "Sum"
  threshold           = 1
}

resource "aws_route53_health_check" "alarm" {
  type                            = "CLOUDWATCH_METRIC"
  cloudwatch_alarm_name           = aws_cloudwatch_metric_alarm.errors.alarm_name
  cloudwatch_alarm_region         = "us-east-1"
  insufficient_data_health_status = "Healthy"
}

resource "aws_route53_record" "failover" {
  for_each        = { PRIMARY = "192.0.2.10", SECONDARY = "192.0.2.11" }
  zone_id         = aws_route53_zone.public.zone_id
  name            = "failover.story-route53.example"
  type            = "A"
  ttl             = 30
  records         = [each.value]
  set_identifier  = lower(each.key)
  health_check_id = each.key == "PRIMARY" ? aws_route53_health_check.both.id : null

  failover_routing_policy {
    type = each.key
  }
}

resource "aws_route53_record" "latency" {
  for_each       = { us-east-1 = "192.0.2.20" }
  zone_id        = aws_route53_zone.public.zone_id
  name           = "latency.story-route53.example"
  type           = "A"
  ttl            = 30
  records        = [each.value]
  set_identifier = each.key

  latency_routing_policy {
    region = each.key
  }
}

resource "aws_route53_record" "geo" {
  for_each       = { us = "192.0.2.30" }
  zone_id        = aws_route53_zone.public.zone_id
  name           = "geo.story-route53.example"
  type           = "A"
  ttl            = 30
  records        = [each.value]
  set_identifier = each.key

  geolocation_routing_policy {
    country = each.key == "us" ? "US" : "*"
  }
}

resource "aws_route53_record" "multivalue" {
  for_each                         = toset(["192.0.2.40"])
  zone_id                          = aws_route53_zone.public.zone_id
  name                             = "multi.story-route53.example"
  type                             = "A"
  ttl                              = 30
  records                          = [each.value]
  set_identifier                   = each.value
  multivalue_answer_routing_policy = true
}

resource "aws_route53_record" "private" {
  zone_id = aws_route53_zone.private.zone_id
  name    = "db"
  type    = "CNAME"
  ttl     = 60
  records = [aws_lb.web.dns_name]
}

resource "aws_acm_certificate" "web" {
  domain_name               = "story-route53.example"
  subject_alternative_names = ["*.story-route53.example"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = {
    for o in aws_acm_certificate.web.domain_validation_options : o.domain_name => o
  }
  allow_overwrite = true
  zone_id         = aws_route53_zone.public.zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  records         = [each.value.resource_record_value]
  ttl             = 60
}

resource "aws_acm_certificate_validation" "web" {
  certificate_arn         = aws_acm_certificate.web.arn
  validation_record_fqdns = [for r in aws_route53_record.validation : r.fqdn]
}

resource "aws_cloudwatch_log_group" "queries" {
  name = "/aws/route53/story-route53.example"
}

data "aws_iam_policy_document" "queries" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:*:*:log-group:/aws/route53/*"]
    principals {
      identifiers = ["route53.amazonaws.com"]
      type        = "Service"
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "queries" {
  policy_document = data.aws_iam_policy_document.queries.json
  policy_name     = "story-route53"
}

resource "aws_route53_query_log" "public" {
  depends_on               = [aws_cloudwatch_log_resource_policy.queries]
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.queries.arn
  zone_id                  = aws_route53_zone.public.zone_id
}

data "aws_route53_zone" "by_name" {
  name = aws_route53_zone.public.name
}

data "aws_route53_zone" "by_vpc" {
  name   = aws_route53_zone.private.name
  vpc_id = aws_vpc.one.id
}

data "aws_route53_delegation_set" "shared" {
  id = aws_route53_delegation_set.shared.id
}

data "aws_route53_records" "public" {
  zone_id    = aws_route53_zone.public.zone_id
  depends_on = [aws_route53_record.simple]
}

output "servers_agree" {
  value = data.aws_route53_zone.by_name.name_servers == data.aws_route53_delegation_set.shared.name_servers
}

output "zones" {
  value = [data.aws_route53_zone.by_name.zone_id, data.aws_route53_zone.by_vpc.zone_id, length(data.aws_route53_records.public.resource_record_sets) > 7]
}
