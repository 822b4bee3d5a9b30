comment = "the new site"
owner   = "network"
ttl     = 7200
price   = "PriceClass_All"
code    = "function handler(event) { var request = event.request; return request; }"
