package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"apex/internal/graph"
)

func (r *run) repository(ctx context.Context, v graph.Repository) (fact, Phase, error) {
	out, err := r.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{v.Name}})
	var missing *types.RepositoryNotFoundException
	phase := Unchanged
	var repo types.Repository
	switch {
	case errors.As(err, &missing):
		made, err := r.ecr.CreateRepository(ctx, &ecr.CreateRepositoryInput{
			RepositoryName: &v.Name, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: v.Scan}, Tags: r.ecrTags(v.ID),
		})
		if err != nil {
			return fact{}, "", err
		}
		phase, repo = Created, *made.Repository
	case err != nil:
		return fact{}, "", err
	default:
		repo = out.Repositories[0]
	}
	changed, err := r.repositoryPolicy(ctx, v, repo)
	if changed && phase == Unchanged {
		phase = Updated
	}
	return fact{ID: v.Name, ARN: *repo.RepositoryArn, Host: *repo.RepositoryUri}, phase, err
}

// repositoryPolicy sets scanning and how many images stay.
func (r *run) repositoryPolicy(ctx context.Context, v graph.Repository, repo types.Repository) (bool, error) {
	changed := false
	if repo.ImageScanningConfiguration == nil || repo.ImageScanningConfiguration.ScanOnPush != v.Scan {
		changed = true
		if _, err := r.ecr.PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{
			RepositoryName: &v.Name, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: v.Scan},
		}); err != nil {
			return true, err
		}
	}
	want, have := keepLast(v.Keep), ""
	got, err := r.ecr.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: &v.Name})
	var missing *types.LifecyclePolicyNotFoundException
	switch {
	case err == nil:
		have = *got.LifecyclePolicyText
	case !errors.As(err, &missing):
		return changed, err
	}
	if sameJSON(have, want) {
		return changed, nil
	}
	_, err = r.ecr.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: &v.Name, LifecyclePolicyText: &want})
	return true, err
}

func keepLast(n int) string {
	return fmt.Sprintf(`{"rules":[{"rulePriority":1,"description":"keep the last %d images","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":%d},"action":{"type":"expire"}}]}`, n, n)
}

func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

func (r *run) ecrTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}
