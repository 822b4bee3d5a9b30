package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Verify looks for what would keep tasks of the definition from starting. It
// returns everything that is wrong, joined; no secret's value is in it.
func (c *Client) Verify(ctx context.Context, d types.TaskDefinition) error {
	var faults []error
	for _, container := range d.ContainerDefinitions {
		name := aws.ToString(container.Name)
		if err := c.verifyImage(ctx, aws.ToString(container.Image), architecture(d)); err != nil {
			faults = append(faults, fmt.Errorf("container %s: %w", name, err))
		}
		for _, s := range container.Secrets {
			if err := c.verifySecret(ctx, aws.ToString(s.ValueFrom)); err != nil {
				faults = append(faults, fmt.Errorf("container %s: variable %s: %w", name, aws.ToString(s.Name), err))
			}
		}
	}
	return errors.Join(faults...)
}

// architecture is the one that tasks run on, as OCI images name it.
func architecture(d types.TaskDefinition) string {
	if d.RuntimePlatform != nil && d.RuntimePlatform.CpuArchitecture == types.CPUArchitectureArm64 {
		return "arm64"
	}
	return "" // on this machine the machine's own; X86_64 on AWS
}

// verifySecret looks whether a secret, and the key in it that is named, has a
// value. References to Parameter Store are not looked at.
func (c *Client) verifySecret(ctx context.Context, ref string) error {
	r, ok := parseSecret(ref)
	if !ok {
		return nil
	}
	in := &secretsmanager.GetSecretValueInput{SecretId: &r.id}
	if r.stage != "" {
		in.VersionStage = &r.stage
	}
	if r.version != "" {
		in.VersionId = &r.version
	}
	out, err := c.secrets.GetSecretValue(ctx, in)
	if err != nil {
		return fmt.Errorf("secret %s: %w", r.id, err)
	}
	text := aws.ToString(out.SecretString)
	if text == "" && len(out.SecretBinary) == 0 {
		return fmt.Errorf("secret %s: it is empty", r.id)
	}
	if r.key == "" {
		return nil
	}
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return fmt.Errorf("secret %s: it is no JSON object, so it has no key %q", r.id, r.key)
	}
	value, there := fields[r.key]
	switch {
	case !there:
		return fmt.Errorf("secret %s: it has no key %q", r.id, r.key)
	case value == nil || value == "":
		return fmt.Errorf("secret %s: its key %q is empty", r.id, r.key)
	}
	return nil
}

// A secretRef is a container's reference to a secret, taken apart.
type secretRef struct{ id, key, stage, version string }

// parseSecret reads "arn:aws:secretsmanager:region:account:secret:name:key:stage:version",
// whose last three parts may be empty or missing.
func parseSecret(ref string) (r secretRef, ok bool) {
	parts := strings.Split(ref, ":")
	if len(parts) < 7 || parts[2] != "secretsmanager" {
		return r, false
	}
	r.id = strings.Join(parts[:7], ":")
	for i, field := range []*string{&r.key, &r.stage, &r.version} {
		if len(parts) > 7+i {
			*field = parts[7+i]
		}
	}
	return r, true
}
