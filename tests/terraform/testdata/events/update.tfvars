rate  = "cron(0 3 * * ? *)"
owner = "crm"
level = "fatal"
state = "DISABLED"
