rate  = "rate(30 minutes)"
owner = "crm"
state = "DISABLED"
