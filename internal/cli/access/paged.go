package access

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// A paginator takes an interface. Were it given the client itself, the linker would
// keep every operation of the client, megabytes of them, since somebody might find
// one by reflection; so it is given the one operation.
type (
	listAttachedRolePolicies func(context.Context, *iam.ListAttachedRolePoliciesInput, ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error)
)

func (f listAttachedRolePolicies) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput, options ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	return f(ctx, in, options...)
}
