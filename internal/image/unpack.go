package image

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"apex/internal/dataplane/registry"
)

// An Unpacked image lies on disk, ready to be mounted.
type Unpacked struct {
	Digest string    // of the image itself, also when a list was asked for
	Layers []string  // folders for overlayfs's lowerdir: the top layer first
	Config v1.Config // entrypoint, environment, user …
}

// Unpack lays out the image with the given manifest digest in cacheDir and
// returns where. Of a list of images it takes the one for this machine. Layers
// that lie there already, from this image or another, are used as they are.
//
// Layers appear by rename when they are whole, so a crash leaves no half layer
// and callers of one process may unpack at the same time; a cache belongs to one
// process. What a crash left in it goes at the process's first Unpack.
func Unpack(ctx context.Context, blobs *registry.Blobs, digest, cacheDir string) (Unpacked, error) {
	m, err := platformManifest(blobs, registry.Digest(digest))
	if err != nil {
		return Unpacked{}, fmt.Errorf("unpack %s: %w", digest, err)
	}
	config, err := readConfig(blobs, m)
	if err != nil {
		return Unpacked{}, fmt.Errorf("unpack %s: %w", digest, err)
	}
	if err := cleanOnce(cacheDir); err != nil {
		return Unpacked{}, fmt.Errorf("clean %s: %w", cacheDir, err)
	}
	out := Unpacked{Digest: string(m.Digest), Config: config.Config}
	for i, l := range m.Layers {
		dir, err := unpackLayer(ctx, blobs, l, config.RootFS.DiffIDs[i], cacheDir)
		if err != nil {
			return Unpacked{}, fmt.Errorf("unpack %s: layer %s: %w", digest, l.Digest, err)
		}
		out.Layers = append(out.Layers, dir)
	}
	slices.Reverse(out.Layers)
	return out, nil
}

// platformManifest reads an image's manifest, going through a list if it is one.
func platformManifest(blobs *registry.Blobs, d registry.Digest) (registry.Manifest, error) {
	body, err := blobs.Read(d)
	if err != nil {
		return registry.Manifest{}, err
	}
	m, err := parseStored(body)
	if err != nil || m.Config != nil {
		return m, err
	}
	var list v1.IndexManifest
	if err := json.Unmarshal(body, &list); err != nil {
		return registry.Manifest{}, fmt.Errorf("image list: %w", err)
	}
	for _, entry := range list.Manifests {
		if p := entry.Platform; p == nil || p.OS != "linux" || p.Architecture != runtime.GOARCH {
			continue
		}
		if body, err = blobs.Read(registry.Digest(entry.Digest.String())); err != nil {
			return registry.Manifest{}, err
		}
		m, err := parseStored(body)
		if err == nil && m.Config == nil {
			err = fmt.Errorf("manifest %s: a list within a list", entry.Digest)
		}
		return m, err
	}
	return registry.Manifest{}, fmt.Errorf("image list: no image for linux/%s", runtime.GOARCH)
}

// parseStored parses a manifest that was pushed with a media type which its
// body may leave out.
func parseStored(body []byte) (registry.Manifest, error) {
	m, err := registry.ParseManifest(body, "")
	if err != nil {
		if m, err := registry.ParseManifest(body, registry.OCIManifest); err == nil {
			return m, nil
		}
		if m, err := registry.ParseManifest(body, registry.OCIIndex); err == nil {
			return m, nil
		}
	}
	return m, err
}

// readConfig reads an image's configuration and checks that it fits its layers.
func readConfig(blobs *registry.Blobs, m registry.Manifest) (*v1.ConfigFile, error) {
	body, err := blobs.Read(m.Config.Digest)
	if err != nil {
		return nil, err
	}
	config, err := v1.ParseConfigFile(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("image configuration: %w", err)
	}
	if len(config.RootFS.DiffIDs) != len(m.Layers) {
		return nil, fmt.Errorf("image configuration: names %d layers, the manifest %d", len(config.RootFS.DiffIDs), len(m.Layers))
	}
	if config.OS != "" && config.OS != "linux" || config.Architecture != "" && config.Architecture != runtime.GOARCH {
		return nil, fmt.Errorf("image is for %s/%s, this machine is linux/%s", config.OS, config.Architecture, runtime.GOARCH)
	}
	return config, nil
}
