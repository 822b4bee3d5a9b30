# replaces: aws_sns_topic.counted[2] aws_cloudwatch_log_group.each["a"]
queues = 2
names  = ["b", "c"]
owner  = "two"
