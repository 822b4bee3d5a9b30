# Keys of outside services. Terraform makes the secrets and never learns their
# values: put them in with `aws secretsmanager put-secret-value`.

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "placeholder" {
  for_each = aws_secretsmanager_secret.this

  secret_id     = each.value.id
  secret_string = "not-set"

  lifecycle { ignore_changes = [secret_string] }
}
