terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "elbv2" } }
}

variable "idle" { default = 90 }
variable "deregistration" { default = 20 }
variable "weights" { default = [80, 20] }
variable "message" { default = "nothing here" }
variable "paths" { default = ["/a/*", "/b"] }
variable "tag" { default = "one" }
variable "policy" { default = "ELBSecurityPolicy-TLS13-1-2-2021-06" }
variable "stickiness" { default = true }

data "aws_availability_zones" "all" { state = "available" }

resource "aws_vpc" "this" {
  cidr_block = "10.60.0.0/16"
}

resource "aws_subnet" "this" {
  count             = 2
  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.all.names[count.index]
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
}

resource "aws_security_group" "this" {
  name   = "story-elbv2"
  vpc_id = aws_vpc.this.id
}

resource "aws_s3_bucket" "logs" {
  bucket        = "story-elbv2-logs"
  force_destroy = true
}

data "aws_elb_service_account" "this" {}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
      Principal = { AWS = data.aws_elb_service_account.this.arn }
    }]
  })
}

resource "aws_lb" "this" {
  name               = "story-elbv2"
  internal           = true
  load_balancer_type = "application"
  security_groups    = [aws_security_group.this.id]
  subnets            = aws_subnet.this[*].id
  ip_address_type    = "ipv4"

  idle_timeout                                = var.idle
  client_keep_alive                           = 1800
  enable_http2                                = true
  drop_invalid_header_fields                  = true
  desync_mitigation_mode                      = "strictest"
  preserve_host_header                        = true
  xff_header_processing_mode                  = "preserve"
  enable_xff_client_port                      = true
  enable_tls_version_and_cipher_suite_headers = true
  enable_deletion_protection                  = false

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "access"
    enabled = true
  }

  connection_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "connection"
    enabled = true
  }

  tags       = { Name = "story-elbv2", Step = var.tag }
  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_target_group" "blue" {
  name                              = "story-blue"
  port                              = 8080
  protocol                          = "HTTP"
  protocol_version                  = "HTTP1"
  target_type                       = "ip"
  vpc_id                            = aws_vpc.this.id
  ip_address_type                   = "ipv4"
  deregistration_delay              = var.deregistration
  slow_start                        = 30
  load_balancing_algorithm_type     = "round_robin"
  load_balancing_cross_zone_enabled = "use_load_balancer_configuration"

  health_check {
    enabled             = true
    path                = "/healthz"
    port                = "8081"
    protocol            = "HTTP"
    matcher             = "200,204"
    interval            = 10
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }

  stickiness {
    type            = "lb_cookie"
    enabled         = var.stickiness
    cookie_duration = 600
  }

  target_group_health {
    dns_failover {
      minimum_healthy_targets_count      = 1
      minimum_healthy_targets_percentage = "off"
    }

    unhealthy_state_routing {
      minimum_healthy_targets_count      = 1
      minimum_healthy_targets_percentage = "off"
    }
  }

  tags = { Color = "blue" }
}

resource "aws_lb_target_group" "green" {
  name_prefix                       = "green-"
  port                              = 8443
  protocol                          = "HTTPS"
  target_type                       = "ip"
  vpc_id                            = aws_vpc.this.id
  load_balancing_algorithm_type     = "weighted_random"
  load_balancing_anomaly_mitigation = "on"

  stickiness {
    type        = "app_cookie"
    cookie_name = "SESSION"
    enabled     = true
  }
}

resource "aws_lb_target_group" "grpc" {
  name             = "story-grpc"
  port             = 50051
  protocol         = "HTTP"
  protocol_version = "GRPC"
  target_type      = "ip"
  vpc_id           = aws_vpc.this.id

  health_check { matcher = "0-12" }
}

resource "aws_lb_target_group_attachment" "blue" {
  count            = 2
  target_group_arn = aws_lb_target_group.blue.arn
  target_id        = cidrhost(aws_subnet.this[count.index].cidr_block, 100)
  port             = 8080 + count.index
}

resource "aws_acm_certificate" "this" {
  count            = 2
  certificate_body = file("${path.module}/certificate-${count.index}.pem")
  private_key      = file("${path.module}/key-${count.index}.pem")
  tags             = { Number = count.index }
}

resource "aws_s3_object" "bundle" {
  bucket = aws_s3_bucket.logs.id
  key    = "trust/bundle.pem"
  source = "${path.module}/certificate-0.pem"
}

resource "aws_lb_trust_store" "this" {
  name                             = "story-trust"
  ca_certificates_bundle_s3_bucket = aws_s3_bucket.logs.id
  ca_certificates_bundle_s3_key    = aws_s3_object.bundle.key
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"
    redirect {
      host        = "#{host}"
      path        = "/moved/#{path}"
      query       = "#{query}&from=http"
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_302"
    }
  }

  tags = { Step = var.tag }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.policy
  certificate_arn   = aws_acm_certificate.this[0].arn

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=300"
  routing_http_response_x_frame_options_header_value           = "DENY"

  mutual_authentication {
    mode                             = "verify"
    trust_store_arn                  = aws_lb_trust_store.this.arn
    ignore_client_certificate_expiry = true
  }

  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = var.weights[0]
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = var.weights[1]
      }
      stickiness {
        enabled  = true
        duration = 120
      }
    }
  }
}

resource "aws_lb_listener" "fixed" {
  load_balancer_arn = aws_lb.this.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = var.message
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_certificate" "second" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.this[1].arn
}

resource "aws_lb_listener_rule" "conditions" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  # Not by target_group_arn: after an import the provider would have it set anew.
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 1
      }
    }
  }

  condition {
    path_pattern { values = var.paths }
  }
  condition {
    host_header { values = ["*.example.com"] }
  }
  condition {
    http_header {
      http_header_name = "X-Kind"
      values           = ["blue*"]
    }
  }
  condition {
    http_request_method { values = ["GET"] }
  }

  tags = { Step = var.tag }
}

resource "aws_lb_listener_rule" "query" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 20

  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 1
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 3
      }
    }
  }

  condition {
    query_string {
      key   = "version"
      value = "2"
    }
    query_string { value = "canary*" }
  }
  condition {
    source_ip { values = ["10.0.0.0/8", "192.0.2.0/24"] }
  }
}

resource "aws_lb_listener_rule" "login" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 30

  action {
    type = "authenticate-oidc"
    authenticate_oidc {
      authorization_endpoint              = "https://login.example.com/authorize"
      token_endpoint                      = "https://login.example.com/token"
      user_info_endpoint                  = "https://login.example.com/user"
      issuer                              = "https://login.example.com"
      client_id                           = "crm"
      client_secret                       = "not a real one"
      scope                               = "openid email"
      session_cookie_name                 = "CRM"
      session_timeout                     = 3600
      on_unauthenticated_request          = "authenticate"
      authentication_request_extra_params = { prompt = "login" }
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.blue.arn
  }

  condition {
    path_pattern { values = ["/private/*"] }
  }
}

# No priority: the next that is free.
resource "aws_lb_listener_rule" "last" {
  listener_arn = aws_lb_listener.fixed.arn

  action {
    type = "redirect"
    redirect {
      path        = "/"
      status_code = "HTTP_301"
    }
  }

  condition {
    path_pattern { values = ["/old"] }
  }
}

data "aws_lb" "this" { arn = aws_lb.this.arn }

data "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = aws_lb_listener.https.port
}

data "aws_lb_target_group" "blue" { name = aws_lb_target_group.blue.name }

output "zone" { value = data.aws_lb.this.zone_id }
