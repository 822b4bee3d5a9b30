package ecs

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/task"
	"apex/internal/image"
	"apex/internal/service/ec2"
	"apex/internal/service/ecr"
	"apex/internal/service/logs"
	"apex/internal/service/sts"
	"apex/internal/store"
)

// taskPrincipal is who takes on the roles of tasks.
const taskPrincipal = "ecs-tasks.amazonaws.com"

func (s *Service) imagesDir() string { return filepath.Join(s.env.Home, "images") }

func (s *Service) signalSocket() string { return filepath.Join(s.env.Home, "run", "tasks.sock") }

// config gathers what the task needs: roles, images, secrets, log streams, and
// its interface. Its errors are the task's stopped reason.
func (u *taskUpdate) config(ctx context.Context) (task.Config, error) {
	definition, err := findDefinition(u.snap, u.scope, u.t.Spec.Definition)
	if err != nil {
		return task.Config{}, err
	}
	if err := u.checkRoles(definition.Definition); err != nil {
		return task.Config{}, err
	}
	_, role := rolesOf(u.t, definition.Definition)
	as := u.executionOf(role)
	secrets, err := u.secrets(as, definition)
	if err != nil {
		return task.Config{}, err
	}
	images, err := u.pull(ctx, as, definition)
	if err != nil {
		return task.Config{}, err
	}
	for i := range u.t.Status.Containers {
		u.t.Status.Containers[i].Digest = images[u.t.Status.Containers[i].Name].Digest
	}
	streams, err := u.logStreams(ctx, as, definition)
	if err != nil {
		return task.Config{}, err
	}
	files, err := u.environmentFiles(as, definition)
	if err != nil {
		return task.Config{}, err
	}
	volumes := volumeDirs(u.env.Home, definition.Definition)
	if err := makeVolumes(volumes); err != nil {
		return task.Config{}, fmt.Errorf("ResourceInitializationError: failed to mount volumes: %w", err)
	}
	eni, ok := ec2.NetworkInterfaces.Get(u.snap, u.scope.Key(u.t.Spec.Interface))
	if !ok {
		return task.Config{}, fmt.Errorf("ResourceInitializationError: network interface %s was deleted", u.t.Spec.Interface)
	}
	config := buildConfig(u.scope, u.t, definition.Definition, ingredients{
		images: images, secrets: secrets, streams: streams, files: files, volumes: volumes, profile: u.profile,
	})
	config.Dir, config.Namespace = u.taskDir(u.t.Spec.ID), eni.Status.Namespace
	config.Sessions = u.t.Spec.ExecuteCommand
	config.Cgroup, config.Notify = "apex-"+u.env.Hash, u.signalSocket()
	config.Executable, config.SupervisorArgs, config.InitArgs = cmp.Or(u.env.TaskExecutable, u.env.Executable), []string{"task"}, []string{"task-init"}
	return config, nil
}

// checkRoles makes sure that tasks may take the definition's roles on.
func (u *taskUpdate) checkRoles(d ecsapi.TaskDefinition) error {
	task, execution := rolesOf(u.t, d)
	for _, role := range []string{task, execution} {
		if role == "" {
			continue
		}
		if err := sts.TrustsService(u.snap, role, taskPrincipal, u.t.Spec.ARN); err != nil {
			return fmt.Errorf("ECS was unable to assume the role '%s' that was provided for this task: %w", role, err)
		}
	}
	return nil
}

// rolesOf returns the ARNs of the task role and the execution role.
func rolesOf(t Task, d ecsapi.TaskDefinition) (task, execution string) {
	scope, _ := arn.SplitKey(t.Key)
	task, execution = api.Val(d.TaskRoleArn), api.Val(d.ExecutionRoleArn)
	if o := t.Spec.Overrides; o != nil {
		task, execution = api.Or(o.TaskRoleArn, task), api.Or(o.ExecutionRoleArn, execution)
	}
	return roleARN(scope, task), roleARN(scope, execution)
}

// roleARN completes a role's name, which a definition may give instead.
func roleARN(scope arn.Scope, role string) string {
	if role == "" || strings.HasPrefix(role, "arn:") {
		return role
	}
	return scope.Global().ARN("iam", "role/"+role)
}

// pull unpacks the images by container.
func (u *taskUpdate) pull(ctx context.Context, as execution, d Definition) (map[string]image.Unpacked, error) {
	images := map[string]image.Unpacked{}
	for _, c := range d.Definition.ContainerDefinitions {
		repository, digest, err := ecr.ResolveImage(u.snap, u.scope, api.Val(c.Image))
		if err != nil {
			return nil, fmt.Errorf("CannotPullContainerError: %w", err)
		}
		if err := as.pull(api.Val(c.Image), repository); err != nil {
			return nil, err
		}
		if images[api.Val(c.Name)], err = image.Unpack(ctx, u.blobs, digest, u.imagesDir()); err != nil {
			return nil, fmt.Errorf("CannotPullContainerError: %s: %w", api.Val(c.Image), err)
		}
	}
	return images, nil
}

// secrets logs in to the registry and resolves the secrets of each container to
// environment entries: Fargate's agent does both before it pulls.
func (u *taskUpdate) secrets(as execution, d Definition) (map[string][]string, error) {
	if err := as.login(); err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, c := range d.Definition.ContainerDefinitions {
		for _, secret := range c.Secrets {
			value, err := as.secret(api.Val(secret.ValueFrom))
			if err != nil {
				return nil, err
			}
			all[api.Val(c.Name)] = append(all[api.Val(c.Name)], api.Val(secret.Name)+"="+value)
		}
	}
	return all, nil
}

// logStreams makes the streams of the awslogs driver and returns their folders.
func (u *taskUpdate) logStreams(ctx context.Context, as execution, d Definition) (map[string]string, error) {
	dirs := map[string]string{}
	err := u.store.Update(ctx, func(tx *store.Tx) error {
		for _, c := range d.Definition.ContainerDefinitions {
			if c.LogConfiguration == nil {
				continue
			}
			group := c.LogConfiguration.Options["awslogs-group"]
			stream := c.LogConfiguration.Options["awslogs-stream-prefix"] + "/" + api.Val(c.Name) + "/" + u.t.Spec.ID
			writes, err := as.logger(group, stream, createsGroup(c))
			if err != nil {
				return err
			}
			if createsGroup(c) {
				if err := logs.EnsureGroup(tx, u.scope, group, u.now); err != nil {
					return fmt.Errorf("ResourceInitializationError: failed to create log group: %w", err)
				}
			}
			if err := logs.EnsureStream(tx, u.scope, group, stream, u.now); err != nil {
				return fmt.Errorf("ResourceInitializationError: failed to validate logger args: %w", err)
			}
			if !writes {
				continue
			}
			dirs[api.Val(c.Name)] = logs.StreamDir(u.env.Home, u.scope, group, stream)
		}
		return nil
	})
	return dirs, err
}
