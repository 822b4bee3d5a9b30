package regiontest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"apex/internal/sdkhttp"
)

// AWS returns the SDK's configuration for the region's administrator.
func (r *Region) AWS(t testing.TB) aws.Config {
	t.Helper()
	c, err := r.Home.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	return r.AWSAs(c.AccessKeyID, c.SecretAccessKey)
}

// AWSAs returns the SDK's configuration for the given key.
func (r *Region) AWSAs(id, secret string) aws.Config {
	return aws.Config{
		Region: r.Home.Region, BaseEndpoint: aws.String(r.Home.Endpoint()),
		HTTPClient:  sdkhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
	}
}

// Context returns the test's context bounded by the patience of this package.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
