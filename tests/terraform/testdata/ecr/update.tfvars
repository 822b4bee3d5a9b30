keep       = 5
mutability = "IMMUTABLE"
owner      = "crm"
scan       = false
