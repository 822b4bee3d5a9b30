// Package awssecret reads a secret from AWS Secrets Manager with the role of
// the task that the program runs in. The platform gives a task its secrets
// when it starts; what changes later is read here.
package awssecret

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"apexai/crm/internal/config"
)

const (
	answerWithin = 3 * time.Second
	maxAnswer    = 128 << 10 // a secret has at most 64 KiB
)

// A Source is one secret.
type Source struct {
	arn, region, endpoint string
	credentials           aws.CredentialsProvider
	client                *http.Client
}

// New makes the source of the secret that s names; nothing is asked yet.
func New(s config.AWSSecret) (*Source, error) {
	parsed, err := arn.Parse(s.ARN)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	endpoint := s.Endpoint
	if endpoint == "" {
		endpoint = "https://secretsmanager." + parsed.Region + ".amazonaws.com"
	}
	return &Source{
		arn: s.ARN, region: parsed.Region, endpoint: endpoint,
		credentials: aws.NewCredentialsCache(endpointcreds.New(s.Credentials)),
		client:      &http.Client{Timeout: answerWithin},
	}, nil
}

// A Login is what the secret of a database holds.
type Login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Read returns the login as it is now (GetSecretValue, AWSCURRENT).
func (s *Source) Read(ctx context.Context) (Login, error) {
	text, err := s.value(ctx)
	if err != nil {
		return Login{}, fmt.Errorf("secret %s: %w", s.arn, err)
	}
	var l Login
	if err := json.Unmarshal(text, &l); err != nil || l.Password == "" {
		return Login{}, fmt.Errorf("secret %s: it is no JSON with username and password", s.arn)
	}
	return l, nil
}

func (s *Source) value(ctx context.Context) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"SecretId": s.arn})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	keys, err := s.credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), "secretsmanager", s.region, time.Now()); err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	var v struct {
		SecretString string
		Type         string `json:"__type"`
	}
	if err := json.Unmarshal(answer, &v); err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GetSecretValue: %s %s", response.Status, v.Type)
	}
	return []byte(v.SecretString), nil
}
