package ecs

import (
	"fmt"
	"strings"

	"apex/internal/api"
	"apex/internal/awsid"
	"apex/internal/service"
	"apex/internal/service/ecr"
	"apex/internal/service/kms"
	"apex/internal/service/logs"
	"apex/internal/service/secretsmanager"
	"apex/internal/service/ssm"
	"apex/internal/service/sts"
)

// An execution is the task's execution role at work: it pulls the images, reads
// the secrets and writes the logs, as far as its policies allow.
type execution struct {
	*taskUpdate
	who api.Principal // nobody if the definition gives no role
}

func (u *taskUpdate) executionOf(role string) execution {
	if role == "" {
		return execution{taskUpdate: u}
	}
	who, _ := sts.RolePrincipal(u.snap, role, u.t.Spec.ID)
	return execution{u, who}
}

// may answers an error in the words that AWS puts into stopped reasons.
func (e execution) may(action, resource string) error {
	if e.who.ARN == "" {
		return nil // a definition that needs the role is not registered without it
	}
	err := e.env.Allowed(e.snap, service.Ask{
		Principal: e.who, Account: e.scope.Account, Region: e.scope.Region, Action: action, Resource: resource,
	})
	if err != nil {
		return fmt.Errorf("%w status code: 400, request id: %s", err, awsid.UUID())
	}
	return nil
}

// The beginnings of stopped reasons (ECS developer guide, Stopped tasks error
// messages).
const (
	noSecrets   = "ResourceInitializationError: unable to pull secrets or registry auth: "
	noResources = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
	noLogger    = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
)

// login asks for what opens the registry.
func (e execution) login() error {
	if err := e.may("ecr:GetAuthorizationToken", "*"); err != nil {
		return fmt.Errorf(noResources+"unable to retrieve ecr registry auth: service call has been retried 1 time(s): %w", err)
	}
	return nil
}

// pull asks for an image's manifest and layers.
func (e execution) pull(image, repository string) error {
	name := ecr.RepositoryARN(e.scope, repository)
	if err := e.may("ecr:BatchGetImage", name); err != nil {
		return fmt.Errorf("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: unexpected status from HEAD request: 403 Forbidden: %w", image, err)
	}
	if err := e.may("ecr:GetDownloadUrlForLayer", name); err != nil {
		return fmt.Errorf("CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code for a layer of %s: 403 Forbidden: %w", image, err)
	}
	return nil
}

// secret returns what a valueFrom refers to: a parameter's ARN, a secret's ARN, or
// the name of either (on AWS a bare name is a parameter's).
func (e execution) secret(from string) (string, error) {
	if strings.HasPrefix(from, "arn:aws:ssm:") || !strings.HasPrefix(from, "arn:") && ssm.Exists(e.snap, e.scope, from) {
		return e.parameter(from)
	}
	name := secretsmanager.ReferredARN(e.scope, from)
	err := e.may("secretsmanager:GetSecretValue", name)
	if err == nil && e.who.ARN != "" {
		err = secretsmanager.MayOpen(e.snap, e.env, kms.User{Principal: e.who, Scope: e.scope, Via: "secretsmanager"}, from)
	}
	if err != nil {
		return "", fmt.Errorf(noResources+"unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret %s from secrets manager: %w", name, err)
	}
	value, err := secretsmanager.Resolve(e.snap, e.env, e.scope, from)
	if err != nil {
		return "", fmt.Errorf(noSecrets+"%w", err)
	}
	return value, nil
}

// parameter returns a parameter's value.
func (e execution) parameter(from string) (string, error) {
	name, key := ssm.Referred(e.snap, e.scope, from)
	err := e.may("ssm:GetParameters", name)
	if err == nil && key != "" && e.who.ARN != "" {
		err = kms.User{Principal: e.who, Scope: e.scope, Via: "ssm"}.May(e.snap, e.env, "kms:Decrypt", key, map[string]string{"PARAMETER_ARN": name})
	}
	if err != nil {
		return "", fmt.Errorf(noResources+"unable to retrieve secrets from ssm: service call has been retried 1 time(s): %w", err)
	}
	value, err := ssm.Resolve(e.snap, e.env, e.scope, from)
	if err != nil {
		return "", fmt.Errorf(noSecrets+"%w", err)
	}
	return value, nil
}

// logger asks for a stream, and says whether lines may be put into it. On AWS,
// too, a task whose role may not put them runs, and its lines are lost.
func (e execution) logger(group, stream string, creates bool) (writes bool, err error) {
	if creates {
		if err := e.may("logs:CreateLogGroup", logs.GroupARN(e.scope.Key(group))+":log-stream:"); err != nil {
			return false, fmt.Errorf(noLogger+"failed to create Cloudwatch log group: %w", err)
		}
	}
	name := logs.GroupARN(e.scope.Key(group)) + ":log-stream:" + stream
	if err := e.may("logs:CreateLogStream", name); err != nil {
		return false, fmt.Errorf(noLogger+"failed to create Cloudwatch log stream: %w : exit status 1", err)
	}
	return e.may("logs:PutLogEvents", name) == nil, nil
}

// file asks for an object of S3.
func (e execution) file(object string) error { return e.may("s3:GetObject", object) }
