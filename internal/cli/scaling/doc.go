// Package scaling puts into words what Application Auto Scaling will do next with
// an ECS service, and why not more. It asks the AWS API alone: targets, policies,
// alarms, metrics and activities.
package scaling
