retention = 14
owner     = "crm"
pattern   = "ERROR"
