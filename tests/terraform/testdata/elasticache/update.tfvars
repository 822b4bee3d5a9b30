node      = "cache.t3.small"
owner     = "crm"
retention = 5
policy    = "volatile-lru"
access    = "on ~app:* +@read"
replicas  = 3
