# Only once the balancer may write there.
output "bucket" {
  value      = aws_s3_bucket.this.id
  depends_on = [aws_s3_bucket_policy.this]
}
