output "urls" { value = { for name, r in aws_ecr_repository.this : name => r.repository_url } }
output "arns" { value = { for name, r in aws_ecr_repository.this : name => r.arn } }
