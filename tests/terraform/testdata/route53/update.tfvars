ttl       = 60
owner     = "network"
share     = 50
comment   = "the zone of all"
threshold = 4
alias     = false
