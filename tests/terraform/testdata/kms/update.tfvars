description = "data at rest, and more"
owner       = "crm"
period      = 200
alias_of    = "other"
