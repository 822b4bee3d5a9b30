owner      = "crm"
days       = 60
text       = "two"
block      = false
