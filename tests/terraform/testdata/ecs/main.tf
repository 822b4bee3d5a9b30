terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  default_tags { tags = { Story = "ecs" } }
}

variable "insights" { default = "enhanced" }
variable "spot" { default = 1 }
variable "memory" { default = 1024 }
variable "maximum" { default = 200 }
variable "capacity" { default = { min = 0, max = 4 } }
variable "target" { default = 60 }
variable "step" { default = 1 }
variable "schedule" { default = "cron(0 20 ? * MON-FRI *)" }
variable "tag" { default = "one" }

data "aws_availability_zones" "all" { state = "available" }

resource "aws_vpc" "this" {
  cidr_block = "10.80.0.0/16"
}

resource "aws_subnet" "this" {
  count             = 2
  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.all.names[count.index]
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
}

resource "aws_security_group" "this" {
  name   = "story-ecs"
  vpc_id = aws_vpc.this.id
}

resource "aws_cloudwatch_log_group" "exec" {
  name = "/story-ecs/exec"
}

resource "aws_iam_role" "task" {
  name               = "story-ecs"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "task" {
  role       = aws_iam_role.task.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_cluster" "this" {
  name = "story-ecs"

  setting {
    name  = "containerInsights"
    value = var.insights
  }

  configuration {
    execute_command_configuration {
      logging = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = false
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
      }
    }
  }

  tags = { Step = var.tag }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 1
  }

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = var.spot
  }
}

resource "aws_ecs_account_setting_default" "insights" {
  name  = "containerInsights"
  value = "enabled"
}

resource "aws_ecs_task_definition" "rich" {
  family                   = "story-rich"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.task.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  ephemeral_storage { size_in_gib = 30 }

  volume { name = "scratch" }

  volume {
    name = "shared"

    efs_volume_configuration {
      file_system_id     = "fs-0123456789abcdef0"
      root_directory     = "/crm"
      transit_encryption = "ENABLED"
    }
  }

  container_definitions = jsonencode([
    {
      name                   = "app"
      image                  = "public.ecr.aws/nginx/nginx:1.27"
      cpu                    = 256
      memory                 = 512
      memoryReservation      = 256
      essential              = true
      command                = ["serve", "--verbose"]
      entryPoint             = ["/entry"]
      workingDirectory       = "/srv"
      user                   = "1000:1000"
      readonlyRootFilesystem = true
      startTimeout           = 60
      stopTimeout            = 20
      portMappings           = [{ name = "http", containerPort = 8080, hostPort = 8080, protocol = "tcp" }]
      environment            = [{ name = "B", value = "2" }, { name = "A", value = "1" }]
      secrets                = [{ name = "KEY", valueFrom = "arn:aws:secretsmanager:us-east-1:000000000000:secret:story-ecs-AbCdEf" }]
      mountPoints            = [{ sourceVolume = "scratch", containerPath = "/tmp", readOnly = false }, { sourceVolume = "shared", containerPath = "/shared", readOnly = true }]
      ulimits                = [{ name = "nofile", softLimit = 4096, hardLimit = 8192 }]
      dockerLabels           = { team = "crm" }
      linuxParameters        = { initProcessEnabled = true }
      dependsOn              = [{ containerName = "init", condition = "SUCCESS" }]

      healthCheck = {
        command     = ["CMD-SHELL", "curl -f http://localhost:8080/ || exit 1"]
        interval    = 10
        timeout     = 5
        retries     = 4
        startPeriod = 15
      }

      logConfiguration = {
        logDriver = "awslogs"
        options   = { awslogs-group = aws_cloudwatch_log_group.exec.name, awslogs-region = "us-east-1", awslogs-stream-prefix = "app", mode = "non-blocking", max-buffer-size = "4m" }
      }
    },
    {
      name      = "init"
      image     = "public.ecr.aws/docker/library/busybox:1"
      essential = false
      command   = ["true"]
    },
  ])

  tags = { Step = "one" }
}

resource "aws_ecs_task_definition" "kept" {
  family                   = "story-kept"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  skip_destroy             = false
  track_latest             = true
  container_definitions    = jsonencode([{ name = "app", image = "public.ecr.aws/nginx/nginx:1.27" }])
  tags                     = { Step = var.tag }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "story-ecs-errors"
  namespace           = "Story"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
}

resource "aws_ecs_service" "rich" {
  name             = "rich"
  cluster          = aws_ecs_cluster.this.arn
  task_definition  = aws_ecs_task_definition.rich.arn
  desired_count    = 0
  platform_version = "LATEST"

  deployment_maximum_percent         = var.maximum
  deployment_minimum_healthy_percent = 50
  availability_zone_rebalancing      = "ENABLED"
  enable_ecs_managed_tags            = true
  enable_execute_command             = true
  propagate_tags                     = "TASK_DEFINITION"
  scheduling_strategy                = "REPLICA"
  wait_for_steady_state              = true

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 1
  }

  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 2
  }

  deployment_controller { type = "ECS" }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    alarm_names = [aws_cloudwatch_metric_alarm.errors.alarm_name]
    enable      = true
    rollback    = true
  }

  network_configuration {
    subnets          = aws_subnet.this[*].id
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  tags       = { Step = var.tag }
  depends_on = [aws_ecs_cluster_capacity_providers.this, aws_iam_role_policy_attachment.task]

  lifecycle { ignore_changes = [desired_count] }
}

resource "aws_ecs_service" "plain" {
  name            = "plain"
  cluster         = aws_ecs_cluster.this.id
  task_definition = "${aws_ecs_task_definition.kept.family}:${aws_ecs_task_definition.kept.revision}"
  launch_type     = "FARGATE"
  desired_count   = 0

  network_configuration {
    subnets = [aws_subnet.this[0].id]
  }
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.rich.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.capacity.min
  max_capacity       = var.capacity.max

  suspended_state {
    dynamic_scaling_in_suspended  = true
    dynamic_scaling_out_suspended = true
    scheduled_scaling_suspended   = true
  }

  tags = { Step = var.tag }
}

resource "aws_appautoscaling_policy" "step" {
  name               = "story-step"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 60
    metric_aggregation_type = "Maximum"

    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 10
      scaling_adjustment          = var.step
    }

    step_adjustment {
      metric_interval_lower_bound = 10
      scaling_adjustment          = var.step + 2
    }
  }
}

resource "aws_appautoscaling_policy" "memory" {
  name               = "story-memory"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.target
    disable_scale_in   = true
    scale_in_cooldown  = 300
    scale_out_cooldown = 30

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageMemoryUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "queue" {
  name               = "story-queue"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 100

    customized_metric_specification {
      metric_name = "QueueLength"
      namespace   = "Story"
      statistic   = "Average"
      unit        = "Count"

      dimensions {
        name  = "Queue"
        value = "jobs"
      }
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "night" {
  name               = "story-night"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  schedule           = var.schedule
  timezone           = "Europe/Berlin"
  start_time         = "2035-01-01T00:00:00Z"
  end_time           = "2036-01-01T00:00:00Z"

  scalable_target_action {
    min_capacity = 0
    max_capacity = 1
  }
}

data "aws_ecs_cluster" "this" { cluster_name = aws_ecs_cluster.this.name }

data "aws_ecs_service" "rich" {
  cluster_arn  = aws_ecs_cluster.this.arn
  service_name = aws_ecs_service.rich.name
}

data "aws_ecs_task_definition" "kept" { task_definition = aws_ecs_task_definition.kept.family }

output "settings" { value = data.aws_ecs_cluster.this.setting }
