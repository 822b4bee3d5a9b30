package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// verifyImage looks whether an image of ECR is there and made for the
// architecture. Images of other registries are left to the probe.
func (c *Client) verifyImage(ctx context.Context, ref, architecture string) error {
	uri, repository, id := parseImage(ref)
	if ours, err := c.inECR(ctx, uri, repository); !ours || err != nil {
		return err
	}
	out, err := c.ecr.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RepositoryName: &repository, ImageIds: []types.ImageIdentifier{id},
		AcceptedMediaTypes: []string{
			"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
			"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
		},
	})
	if err != nil {
		return fmt.Errorf("image %s: %w", ref, err)
	}
	if len(out.Images) == 0 {
		return fmt.Errorf("image %s: the repository %s has no such image", ref, repository)
	}
	if architecture == "" {
		architecture = runtime.GOARCH
	}
	return c.verifyArchitecture(ctx, ref, repository, aws.ToString(out.Images[0].ImageManifest), architecture)
}

// A manifest is what is looked at of an image's manifest or index.
type manifest struct {
	Config    struct{ Digest string }
	Manifests []struct {
		Platform struct{ Architecture, OS string }
	}
}

func (c *Client) verifyArchitecture(ctx context.Context, ref, repository, text, want string) error {
	var m manifest
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return fmt.Errorf("image %s: manifest: %w", ref, err)
	}
	var have []string
	for _, one := range m.Manifests {
		have = append(have, one.Platform.Architecture)
	}
	if len(m.Manifests) == 0 {
		one, err := c.architectureOf(ctx, repository, m.Config.Digest)
		if err != nil {
			return fmt.Errorf("image %s: %w", ref, err)
		}
		have = []string{one}
	}
	for _, one := range have {
		if one == want || one == "" {
			return nil
		}
	}
	return fmt.Errorf("image %s: it is made for %s, and tasks run on %s", ref, strings.Join(have, ", "), want)
}

// architectureOf reads an image's configuration.
func (c *Client) architectureOf(ctx context.Context, repository, digest string) (string, error) {
	link, err := c.ecr.GetDownloadUrlForLayer(ctx, &ecr.GetDownloadUrlForLayerInput{RepositoryName: &repository, LayerDigest: &digest})
	if err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, aws.ToString(link.DownloadUrl), nil)
	if err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", errors.New("configuration: it cannot be fetched") // the link is a secret: it is not repeated
	}
	defer resp.Body.Close()
	var config struct{ Architecture string }
	if err := json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(&config); err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	return config.Architecture, nil
}

// inECR reports whether a repository of the account has the address.
func (c *Client) inECR(ctx context.Context, uri, repository string) (bool, error) {
	if repository == "" {
		return false, nil
	}
	out, err := c.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{repository}})
	var none *types.RepositoryNotFoundException
	switch {
	case errors.As(err, &none) && strings.Contains(uri, ".dkr.ecr."):
		return false, fmt.Errorf("image %s: there is no repository %s", uri, repository)
	case errors.As(err, &none):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("find repository %s: %w", repository, err)
	}
	return len(out.Repositories) > 0 && aws.ToString(out.Repositories[0].RepositoryUri) == uri, nil
}

// parseImage takes "host/repository:tag" or "host/repository@digest" apart; the
// repository is empty if the name has no host.
func parseImage(ref string) (uri, repository string, id types.ImageIdentifier) {
	host, path, found := strings.Cut(ref, "/")
	if !found || !strings.ContainsAny(host, ".:") {
		return ref, "", id
	}
	if repository, digest, found := strings.Cut(path, "@"); found {
		return host + "/" + repository, repository, types.ImageIdentifier{ImageDigest: &digest}
	}
	repository, tag, found := strings.Cut(path, ":")
	if !found {
		tag = "latest"
	}
	return host + "/" + repository, repository, types.ImageIdentifier{ImageTag: &tag}
}
