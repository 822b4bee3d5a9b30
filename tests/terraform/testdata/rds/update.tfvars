class     = "db.t3.small"
retention = 9
owner     = "crm"
interval  = 15
exports   = ["error"]
events    = "CONNECT,QUERY"
capacity  = 4
slow      = "0"
