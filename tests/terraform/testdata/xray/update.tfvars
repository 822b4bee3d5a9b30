owner = "crm"
share = 0.1
slow  = 7
