# replaces: aws_secretsmanager_secret_version
value       = "correct horse"
owner       = "crm"
description = "the database's new password"
key         = "managed"
