package ecr

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"apex/internal/arn"
	"apex/internal/store"
)

// ErrNoImage indicates that a reference names no image of the region's registry.
var ErrNoImage = errors.New("no such image")

// ResolveImage finds what a task definition's image means: a repository of the
// region's registry and a manifest digest. The registry may be named by any of
// its addresses: loopback with a port, or as AWS does,
// account.dkr.ecr.region.amazonaws.com. Other registries are not pulled from.
func ResolveImage(r store.Reader, scope arn.Scope, image string) (repository, digest string, err error) {
	host, rest, ok := strings.Cut(image, "/")
	if !ok || !isRegistry(scope, host) {
		return "", "", fmt.Errorf("image %s: not in this region's registry, and no other is pulled from: %w", image, ErrNoImage)
	}
	name, reference := splitReference(rest)
	key := scope.Key(name)
	if _, ok := Repositories.Get(r, key); !ok {
		return "", "", fmt.Errorf("image %s: repository %s: %w", image, name, ErrNoImage)
	}
	found, ok := byReference(r, key, reference)
	if !ok {
		return "", "", fmt.Errorf("image %s: %s: %w", image, reference, ErrNoImage)
	}
	return name, string(found.Spec.Digest), nil
}

// isRegistry reports whether a host is the region's registry.
func isRegistry(scope arn.Scope, host string) bool {
	if host == scope.Account+".dkr.ecr."+scope.Region+".amazonaws.com" {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// splitReference takes "team/app:v1" or "team/app@sha256:…" apart. A digest
// counts more than a tag before it; without either, the tag is "latest".
func splitReference(s string) (name, reference string) {
	if rest, digest, ok := strings.Cut(s, "@"); ok {
		name, _, _ = strings.Cut(rest, ":")
		return name, digest
	}
	if name, tag, ok := strings.Cut(s, ":"); ok {
		return name, tag
	}
	return s, "latest"
}
