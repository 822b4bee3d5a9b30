package cli

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"apex/internal/region"
	"apex/internal/sdkhttp"
)

// awsConfig is the SDK's configuration for the region's administrator.
func awsConfig(home region.Home) (aws.Config, error) {
	c, err := administrator(home)
	if err != nil {
		return aws.Config{}, err
	}
	return aws.Config{
		Region: c.Region, BaseEndpoint: &c.Endpoint,
		HTTPClient:  sdkhttp.New(), // one pool of connections for all services
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, ""),
	}, nil
}

// running is awsConfig for commands that need the region to answer.
func running(home region.Home) (aws.Config, error) {
	if _, ok := home.Daemon(); !ok {
		return aws.Config{}, hinted(fmt.Errorf("region in %s: it does not run", home.Dir), "apex up")
	}
	return awsConfig(home)
}

func administrator(home region.Home) (region.Credentials, error) {
	c, err := home.Credentials()
	if err != nil {
		return c, hinted(err, "the first `apex up` makes the key")
	}
	return c, nil
}

// missing reports whether AWS answered with the given error code.
func missing(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}
