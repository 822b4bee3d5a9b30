output "identifier" { value = aws_db_instance.this.identifier }
output "address" { value = aws_db_instance.this.address }
output "port" { value = tostring(aws_db_instance.this.port) }
output "endpoint" { value = aws_db_instance.this.endpoint }
output "name" { value = aws_db_instance.this.db_name }
output "secret_arn" { value = aws_db_instance.this.master_user_secret[0].secret_arn }
