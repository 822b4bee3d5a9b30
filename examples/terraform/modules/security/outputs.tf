output "balancer_id" { value = aws_security_group.this["balancer"].id }
output "service_id" { value = aws_security_group.this["service"].id }
output "database_id" { value = aws_security_group.this["database"].id }
output "cache_id" { value = aws_security_group.this["cache"].id }
