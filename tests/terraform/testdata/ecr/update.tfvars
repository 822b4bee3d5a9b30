# replaces: aws_ecr_lifecycle_policy
keep       = 5
mutability = "IMMUTABLE"
owner      = "crm"
scan       = false
