output "name" {
  value      = aws_ecs_cluster.this.name
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

# Tasks start only when the role may do all that it must.
output "execution_role_arn" {
  value      = aws_iam_role.execution.arn
  depends_on = [aws_iam_role_policy_attachment.execution, aws_iam_role_policy.secrets]
}
