package image

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Auth is who pushes: for ECR the user "AWS" and an authorization token.
type Auth struct{ User, Password string }

// Push sends an image to a reference such as "127.0.0.1:4566/crm/server:v1".
// Layers that the repository has already are not sent again. Registries on
// loopback speak plain HTTP, all others HTTPS.
func Push(ctx context.Context, img v1.Image, reference string, auth Auth) error {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return fmt.Errorf("push %s: %w", reference, err)
	}
	basic := &authn.Basic{Username: auth.User, Password: auth.Password}
	if err := remote.Write(ref, img, remote.WithContext(ctx), remote.WithAuth(basic)); err != nil {
		return fmt.Errorf("push %s: %w", reference, err)
	}
	return nil
}
