output "dns_name" { value = aws_lb.this.dns_name }
output "arn_suffix" { value = aws_lb.this.arn_suffix }

# A service can be made once a listener leads to its target group.
output "target_group_arns" {
  value      = { for name, g in aws_lb_target_group.this : name => g.arn }
  depends_on = [aws_lb_listener.http, aws_lb_listener.https, aws_lb_listener_rule.this]
}

output "target_group_arn_suffixes" {
  value = { for name, g in aws_lb_target_group.this : name => g.arn_suffix }
}
