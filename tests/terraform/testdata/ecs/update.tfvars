# replaces: aws_ecs_task_definition.rich
insights = "enabled"
spot     = 3
memory   = 2048
maximum  = 150
capacity = { min = 0, max = 6 }
target   = 75
step     = 2
schedule = "rate(12 hours)"
tag      = "two"
