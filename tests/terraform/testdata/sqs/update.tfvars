delay    = 0
owner    = "crm"
receives = 9
