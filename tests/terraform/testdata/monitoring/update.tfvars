threshold = 70
display   = "Alarms of the story"
tag       = "two"
filter    = "low"
title     = "Processor"
