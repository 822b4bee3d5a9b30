package apply

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"apex/internal/graph"
	"apex/internal/image"
)

// tagLength is how many digits of an image's digest make its tag.
const tagLength = 12

// image builds an image of a Go program and pushes it under a tag that its
// content gives. Its fact's ID is the full reference.
func (r *run) image(ctx context.Context, v graph.Image, began time.Time) (fact, Phase, error) {
	built, err := r.build(ctx, v, began)
	if err != nil {
		return fact{}, "", err
	}
	digest, err := built.Digest()
	if err != nil {
		return fact{}, "", err
	}
	repo := r.fact(v.Repository)
	tag := digest.Hex[:tagLength]
	ref := repo.Host + ":" + tag
	there, err := r.pushed(ctx, repo.ID, tag)
	if err != nil || there {
		return fact{ID: ref}, Unchanged, err
	}
	auth, err := r.registryAuth(ctx)
	if err != nil {
		return fact{}, "", err
	}
	r.report(v, Waiting, "pushing", began, nil)
	return fact{ID: ref}, Created, image.Push(ctx, built, ref, auth)
}

func (r *run) build(ctx context.Context, v graph.Image, began time.Time) (v1.Image, error) {
	folder, err := filepath.Abs(filepath.Join(r.Dir, v.Build))
	if err != nil {
		return nil, err
	}
	module, err := moduleOf(folder)
	if err != nil {
		return nil, err
	}
	select {
	case r.builds <- struct{}{}:
		defer func() { <-r.builds }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.report(v, Building, v.Build, began, nil)
	pkg, err := filepath.Rel(module, folder)
	if err != nil {
		return nil, err
	}
	return image.BuildGo(ctx, image.BuildOptions{Dir: module, Package: "./" + filepath.ToSlash(pkg), Cache: buildCache()})
}

// buildCache keeps executables from one run to the next, so that what did not
// change is not linked again. Without a cache directory nothing is kept.
func buildCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "apex", "build")
}

// moduleOf finds the Go module that a folder, given by its full path, belongs to.
func moduleOf(folder string) (string, error) {
	if _, err := os.Stat(folder); err != nil {
		return "", fmt.Errorf("build %s: %w", folder, err)
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("build %s: no go.mod in it or above it", folder)
		}
	}
}

// pushed reports whether the repository has the tag.
func (r *run) pushed(ctx context.Context, repository, tag string) (bool, error) {
	_, err := r.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &repository, ImageIds: []types.ImageIdentifier{{ImageTag: &tag}}})
	var missing *types.ImageNotFoundException
	if errors.As(err, &missing) {
		return false, nil
	}
	return err == nil, err
}

func (r *run) registryAuth(ctx context.Context) (image.Auth, error) {
	out, err := r.ecr.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return image.Auth{}, err
	}
	text, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		return image.Auth{}, fmt.Errorf("registry token: %w", err)
	}
	user, password, _ := strings.Cut(string(text), ":")
	return image.Auth{User: user, Password: password}, nil
}
