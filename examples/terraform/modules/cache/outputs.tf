output "address" { value = aws_elasticache_replication_group.this.primary_endpoint_address }
output "port" { value = aws_elasticache_replication_group.this.port }
output "member_clusters" { value = aws_elasticache_replication_group.this.member_clusters }
