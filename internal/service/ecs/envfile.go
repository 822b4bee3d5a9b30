package ecs

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/service/s3"
)

// maxEnvFile bounds what is read of an environment file, in bytes.
const maxEnvFile = 1 << 20

// checkEnvFiles holds AWS's rules for environment files.
func checkEnvFiles(name string, files []ecsapi.EnvironmentFile) error {
	if len(files) > 10 {
		return ecsapi.NewClientException("Container %s: there are more than 10 environment files.", name)
	}
	for _, f := range files {
		if _, _, err := objectOf(api.Val(f.Value)); err != nil || api.Val(f.Type) != ecsapi.EnvironmentFileTypeS3 {
			return ecsapi.NewClientException("Container %s: environment file %s is not the ARN of an S3 object that ends with .env.", name, api.Val(f.Value))
		}
	}
	return nil
}

// objectOf takes arn:aws:s3:::bucket/key.env apart.
func objectOf(text string) (bucket, key string, err error) {
	a, err := arn.Parse(text)
	if err != nil {
		return "", "", err
	}
	bucket, key, found := strings.Cut(a.Resource, "/")
	if a.Service != "s3" || !found || bucket == "" || !strings.HasSuffix(key, ".env") {
		return "", "", fmt.Errorf("%s: not an S3 object that ends with .env", text)
	}
	return bucket, key, nil
}

// environmentFiles reads the files of each container: environment entries, the
// first of a name first.
func (u *taskUpdate) environmentFiles(as execution, d Definition) (map[string][]string, error) {
	all := map[string][]string{}
	for _, c := range d.Definition.ContainerDefinitions {
		for _, f := range c.EnvironmentFiles {
			entries, err := u.environmentFile(as, api.Val(f.Value))
			if err != nil {
				return nil, fmt.Errorf("ResourceInitializationError: failed to download env files: %w", err)
			}
			all[api.Val(c.Name)] = append(all[api.Val(c.Name)], entries...)
		}
	}
	return all, nil
}

func (u *taskUpdate) environmentFile(as execution, text string) ([]string, error) {
	bucket, key, err := objectOf(text)
	if err != nil {
		return nil, err
	}
	if err := as.file(text); err != nil {
		return nil, err
	}
	content, err := s3.Fetch(u.snap, u.env, u.scope, bucket, key)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return parseEnvFile(content)
}

// parseEnvFile reads lines NAME=VALUE. As in AWS, lines that begin with # and
// empty ones are left out, and quotes and blanks belong to the value.
func parseEnvFile(r io.Reader) ([]string, error) {
	var entries []string
	lines := bufio.NewScanner(io.LimitReader(r, maxEnvFile))
	lines.Buffer(nil, maxEnvFile)
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		name, _, found := strings.Cut(line, "=")
		if found && name != "" && !strings.HasPrefix(line, "#") {
			entries = append(entries, line)
		}
	}
	return entries, lines.Err()
}
