environment       = "dev"
github_repository = "apexai/crm"
alarm_email       = "dev@example.com"

# One task each at night.
off_hours = {
  down = "cron(0 20 ? * MON-FRI *)"
  up   = "cron(0 6 ? * MON-FRI *)"
}
