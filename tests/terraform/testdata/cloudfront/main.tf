terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "cloudfront" } }
}

variable "comment" { default = "the site" }
variable "owner" { default = "platform" }
variable "ttl" { default = 3600 }
variable "price" { default = "PriceClass_100" }
variable "code" { default = "function handler(event) { return event.request; }" }

resource "aws_s3_bucket" "assets" {
  bucket = "story-cloudfront-assets"
}

resource "aws_cloudfront_origin_access_control" "assets" {
  name                              = "story-assets"
  description                       = var.comment
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_origin_access_identity" "old" {
  comment = var.comment
}

resource "aws_cloudfront_cache_policy" "api" {
  name        = "story-api"
  comment     = var.comment
  default_ttl = var.ttl
  max_ttl     = 86400
  min_ttl     = 1

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true
    cookies_config {
      cookie_behavior = "whitelist"
      cookies { items = ["session"] }
    }
    headers_config {
      header_behavior = "whitelist"
      headers { items = ["Accept", "Authorization"] }
    }
    query_strings_config {
      query_string_behavior = "allExcept"
      query_strings { items = ["utm_source"] }
    }
  }
}

resource "aws_cloudfront_origin_request_policy" "api" {
  name    = "story-api"
  comment = var.comment
  cookies_config {
    cookie_behavior = "all"
  }
  headers_config {
    header_behavior = "whitelist"
    headers { items = ["User-Agent"] }
  }
  query_strings_config {
    query_string_behavior = "all"
  }
}

resource "aws_cloudfront_response_headers_policy" "site" {
  name    = "story-site"
  comment = var.comment

  cors_config {
    access_control_allow_credentials = true
    access_control_allow_headers { items = ["X-Test"] }
    access_control_allow_methods { items = ["GET", "PUT"] }
    access_control_allow_origins { items = ["https://story.example"] }
    access_control_max_age_sec = var.ttl
    origin_override            = true
  }

  security_headers_config {
    content_type_options { override = true }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "X-Story"
      override = true
      value    = "cloudfront"
    }
  }

  remove_headers_config {
    items { header = "Server" }
  }

  server_timing_headers_config {
    enabled       = true
    sampling_rate = 50
  }
}

resource "aws_cloudfront_function" "rewrite" {
  name    = "story-rewrite"
  runtime = "cloudfront-js-2.0"
  comment = var.comment
  publish = true
  code    = var.code
}

resource "aws_cloudfront_public_key" "signer" {
  name        = "story-signer"
  comment     = var.comment
  encoded_key = <<-EOT
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAttzNhowxijNEXEgAj0TB
    nVYqyRkvDysfGFuyhDhHcNFFVDf2bdl5tXvd5HspDKiTfedjKLHzobQvQYEYxdLO
    FfGJ7jiX/EsYVocmfuvrTWrShhzVis2/DCZ7m7HFxpUMwJ06anXdpieceIDvZufe
    ZXuVPGiBmw3dl4GAkd6Pd+f48V5n5uy/JlQVnihgAbLuL+rxMti7nEtDBM8kQpcG
    mf8HIlftxAuycfW+PXr/yERvLhHExN8zCaghXYr6cMUEf0ku6HHemUW7PMNf4Fy0
    lhO7BMj1XW5YiVCrcwH998dF7jppfDj3n1sHAMJ0JmDd1xDqGi+wsX/FJiyJO1iG
    OQIDAQAB
    -----END PUBLIC KEY-----
  EOT
}

resource "aws_cloudfront_key_group" "signers" {
  name    = "story-signers"
  comment = var.comment
  items   = [aws_cloudfront_public_key.signer.id]
}

resource "aws_acm_certificate" "site" {
  domain_name       = "www.story-cloudfront.example"
  validation_method = "DNS"
}

data "aws_cloudfront_cache_policy" "optimized" {
  name = "Managed-CachingOptimized"
}

data "aws_cloudfront_origin_request_policy" "viewer" {
  name = "Managed-AllViewer"
}

data "aws_cloudfront_response_headers_policy" "security" {
  name = "Managed-SecurityHeadersPolicy"
}

resource "aws_acm_certificate_validation" "site" {
  certificate_arn = aws_acm_certificate.site.arn
}

resource "aws_cloudfront_distribution" "site" {
  enabled             = true
  comment             = var.comment
  aliases             = ["www.story-cloudfront.example"]
  default_root_object = "index.html"
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.price
  tags                = { Owner = var.owner, Empty = "" }

  origin {
    origin_id                = "assets"
    domain_name              = aws_s3_bucket.assets.bucket_regional_domain_name
    origin_path              = "/site"
    origin_access_control_id = aws_cloudfront_origin_access_control.assets.id
    connection_attempts      = 2
    connection_timeout       = 5
  }

  origin {
    origin_id   = "old"
    domain_name = aws_s3_bucket.assets.bucket_regional_domain_name
    s3_origin_config {
      origin_access_identity = aws_cloudfront_origin_access_identity.old.cloudfront_access_identity_path
    }
  }

  origin {
    origin_id   = "api"
    domain_name = "story-1234.us-east-1.elb.amazonaws.com"
    custom_header {
      name  = "X-Origin-Verify"
      value = "secret"
    }
    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = "http-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = 60
      origin_keepalive_timeout = 10
    }
    origin_shield {
      enabled              = true
      origin_shield_region = "us-east-1"
    }
  }

  origin_group {
    origin_id = "both"
    failover_criteria { status_codes = [403, 404, 500] }
    member { origin_id = "assets" }
    member { origin_id = "old" }
  }

  default_cache_behavior {
    target_origin_id           = "both"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.optimized.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.site.id
    viewer_protocol_policy     = "redirect-to-https"
    compress                   = true
    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.rewrite.arn
    }
  }

  ordered_cache_behavior {
    path_pattern               = "/api/*"
    target_origin_id           = "api"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD", "OPTIONS"]
    cache_policy_id            = aws_cloudfront_cache_policy.api.id
    origin_request_policy_id   = aws_cloudfront_origin_request_policy.api.id
    response_headers_policy_id = data.aws_cloudfront_response_headers_policy.security.id
    viewer_protocol_policy     = "https-only"
    trusted_key_groups         = [aws_cloudfront_key_group.signers.id]
  }

  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "old"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    viewer_protocol_policy = "allow-all"
    min_ttl                = 0
    default_ttl            = var.ttl
    max_ttl                = 86400
    forwarded_values {
      query_string            = true
      query_string_cache_keys = ["v"]
      headers                 = ["Origin"]
      cookies {
        forward           = "whitelist"
        whitelisted_names = ["a"]
      }
    }
  }

  custom_error_response {
    error_code            = 404
    response_code         = 200
    response_page_path    = "/index.html"
    error_caching_min_ttl = 10
  }

  restrictions {
    geo_restriction {
      restriction_type = "whitelist"
      locations        = ["US", "DE"]
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.site.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}

resource "aws_cloudfront_distribution" "least" {
  enabled = false

  origin {
    origin_id   = "web"
    domain_name = "web.example.com"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id         = "web"
    allowed_methods          = ["GET", "HEAD"]
    cached_methods           = ["GET", "HEAD"]
    viewer_protocol_policy   = "allow-all"
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.viewer.id
  }

  restrictions {
    geo_restriction { restriction_type = "none" }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_route53_zone" "site" {
  name = "story-cloudfront.example"
}

resource "aws_route53_record" "site" {
  zone_id = aws_route53_zone.site.zone_id
  name    = "www.story-cloudfront.example"
  type    = "A"
  alias {
    name                   = aws_cloudfront_distribution.site.domain_name
    zone_id                = aws_cloudfront_distribution.site.hosted_zone_id
    evaluate_target_health = false
  }
}

data "aws_cloudfront_distribution" "site" {
  id = aws_cloudfront_distribution.site.id
}

data "aws_cloudfront_function" "rewrite" {
  name  = aws_cloudfront_function.rewrite.name
  stage = "LIVE"
}

output "same" {
  value = [data.aws_cloudfront_distribution.site.domain_name == aws_cloudfront_distribution.site.domain_name, data.aws_cloudfront_function.rewrite.arn == aws_cloudfront_function.rewrite.arn]
}
