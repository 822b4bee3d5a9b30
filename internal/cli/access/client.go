package access

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// A Question is whether somebody may take an action on a resource.
type Question struct {
	Action, Resource string
	As               string // the ARN or name of a role, or the ARN of a user
	Prefix           string // of the stack's own roles: "apexai-dev"
	// Context are condition keys of the call.
	Context map[string]string
}

// A Client asks.
type Client struct {
	iam     *iam.Client
	secrets *secretsmanager.Client
	images  *ecr.Client
}

// New returns a client.
func New(cfg aws.Config) *Client {
	return &Client{iam.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), ecr.NewFromConfig(cfg)}
}

// Ask answers a question.
func (c *Client) Ask(ctx context.Context, q Question) (Answer, error) {
	who, err := c.who(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	resource, document, err := c.resource(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	in := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &who, ActionNames: []string{q.Action}, ResourceArns: []string{resource}, ContextEntries: entries(q.Context),
	}
	a := Answer{Action: q.Action, Resource: resource, As: who}
	if document != "" {
		in.ResourcePolicy, in.CallerArn = &document, &who
	}
	out, err := c.iam.SimulatePrincipalPolicy(ctx, in)
	if refused := (*types.InvalidInputException)(nil); document != "" && errors.As(err, &refused) {
		// AWS simulates resource policies for users alone.
		a.Unheard = "the resource's own policy: IAM does not simulate it for roles"
		in.ResourcePolicy, in.CallerArn = nil, nil
		out, err = c.iam.SimulatePrincipalPolicy(ctx, in)
	}
	if err != nil {
		return a, fmt.Errorf("simulate policies of %s: %w", who, err)
	}
	if len(out.EvaluationResults) != 1 {
		return a, fmt.Errorf("simulate policies of %s: %d results, want 1", who, len(out.EvaluationResults))
	}
	return a, c.fill(ctx, &a, out.EvaluationResults[0], document)
}

// who returns the ARN of whose rights are asked for: a role by its name, or by
// the name that the stack knows it by.
func (c *Client) who(ctx context.Context, q Question) (string, error) {
	if strings.HasPrefix(q.As, "arn:") {
		return q.As, nil
	}
	for _, name := range []string{q.As, q.Prefix + "-" + q.As} {
		out, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err == nil {
			return *out.Role.Arn, nil
		}
		if missing := (*types.NoSuchEntityException)(nil); !errors.As(err, &missing) {
			return "", fmt.Errorf("get role %s: %w", name, err)
		}
	}
	return "", fmt.Errorf("role %s: there is none, nor %s-%s", q.As, q.Prefix, q.As)
}

// resource returns the resource's ARN, and its own policy where it is a secret or
// a repository.
func (c *Client) resource(ctx context.Context, q Question) (name, document string, err error) {
	switch service, _, _ := strings.Cut(q.Action, ":"); {
	case q.Resource == "*":
		return q.Resource, "", nil
	case service == "secretsmanager":
		return c.secret(ctx, q.Resource)
	case service == "ecr":
		return c.repository(ctx, q.Resource)
	case !strings.HasPrefix(q.Resource, "arn:"):
		return "", "", fmt.Errorf("resource %s: want an ARN, or *", q.Resource)
	}
	return q.Resource, "", nil
}

// secret finds a secret by its name or ARN. One that is not there is asked for as
// it was named.
func (c *Client) secret(ctx context.Context, id string) (name, document string, err error) {
	out, err := c.secrets.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &id})
	if err != nil {
		if strings.HasPrefix(id, "arn:") {
			return id, "", nil
		}
		return "", "", fmt.Errorf("find secret %s: %w", id, err)
	}
	return *out.ARN, aws.ToString(out.ResourcePolicy), nil
}

func (c *Client) repository(ctx context.Context, id string) (arn, document string, err error) {
	name := id
	if _, after, ok := strings.Cut(id, ":repository/"); ok {
		name = after
	}
	found, err := c.images.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if err != nil || len(found.Repositories) != 1 {
		if strings.HasPrefix(id, "arn:") {
			return id, "", nil
		}
		return "", "", fmt.Errorf("find repository %s: %w", name, err)
	}
	out, err := c.images.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: &name})
	if missing := (*ecrtypes.RepositoryPolicyNotFoundException)(nil); errors.As(err, &missing) {
		return *found.Repositories[0].RepositoryArn, "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("get policy of repository %s: %w", name, err)
	}
	return *found.Repositories[0].RepositoryArn, aws.ToString(out.PolicyText), nil
}

func entries(context map[string]string) (list []types.ContextEntry) {
	for key, value := range context {
		list = append(list, types.ContextEntry{
			ContextKeyName: &key, ContextKeyType: types.ContextKeyTypeEnumStringList, ContextKeyValues: strings.Split(value, ","),
		})
	}
	return list
}
