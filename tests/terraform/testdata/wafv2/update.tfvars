owner     = "crm"
limit     = 2000
addresses = ["10.0.0.0/8", "192.168.0.0/16"]
