package config

import "strings"

// AWSSecret says where a secret can be read again; without an ARN nowhere.
type AWSSecret struct {
	ARN         string
	Endpoint    string // of Secrets Manager; "" is AWS's own
	Credentials string // the URL of the task's credentials
}

// awsSecret takes the rest from what the platform tells every task.
func (r *reader) awsSecret(name string) AWSSecret {
	s := AWSSecret{ARN: r.text(name, ""), Endpoint: r.text("AWS_ENDPOINT_URL", "")}
	if s.ARN == "" {
		return AWSSecret{}
	}
	if !strings.HasPrefix(s.ARN, "arn:") {
		r.fault(name, "is not the ARN of a secret")
	}
	s.Credentials = r.text("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
	if v := r.text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""); v != "" && s.Credentials == "" {
		s.Credentials = "http://169.254.170.2" + v // where ECS answers tasks
	}
	if s.Credentials == "" {
		r.fault(name, "cannot be read: this is no task with a role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)")
	}
	return s
}
