idle           = 120
deregistration = 60
weights        = [50, 50]
message        = "still nothing"
paths          = ["/a/*", "/c"]
tag            = "two"
policy         = "ELBSecurityPolicy-TLS13-1-3-2021-06"
stickiness     = false
