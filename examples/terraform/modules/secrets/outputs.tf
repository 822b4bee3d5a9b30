# A task that starts before there is a value fails.
output "arns" {
  value      = { for name, s in aws_secretsmanager_secret.this : name => s.arn }
  depends_on = [aws_secretsmanager_secret_version.placeholder]
}
