package secretsmanager

import (
	"context"
	"encoding/json"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/store"
)

func (s *Service) putResourcePolicy(ctx context.Context, call *api.Call, in *secretsmanagerapi.PutResourcePolicyRequest) (*secretsmanagerapi.PutResourcePolicyResponse, error) {
	statements, err := parsePolicy(*in.ResourcePolicy)
	if err != nil {
		return nil, secretsmanagerapi.NewMalformedPolicyDocumentException("This resource policy contains invalid JSON or no statement.")
	}
	if api.Val(in.BlockPublicPolicy) && openToAll(statements) {
		return nil, secretsmanagerapi.NewPublicPolicyException("The resource policy grants public access to your secret.")
	}
	secret, err := s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) error {
		own.Spec.Policy = *in.ResourcePolicy
		return nil
	})
	return &secretsmanagerapi.PutResourcePolicyResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name}, err
}

func (s *Service) getResourcePolicy(_ context.Context, call *api.Call, in *secretsmanagerapi.GetResourcePolicyRequest) (*secretsmanagerapi.GetResourcePolicyResponse, error) {
	secret, err := findLive(s.store.Snapshot(), call, in.SecretId)
	return &secretsmanagerapi.GetResourcePolicyResponse{
		ARN: &secret.Spec.ARN, Name: &secret.Spec.Name, ResourcePolicy: optional(secret.Spec.Policy),
	}, err
}

func (s *Service) deleteResourcePolicy(ctx context.Context, call *api.Call, in *secretsmanagerapi.DeleteResourcePolicyRequest) (*secretsmanagerapi.DeleteResourcePolicyResponse, error) {
	secret, err := s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) error {
		own.Spec.Policy = ""
		return nil
	})
	return &secretsmanagerapi.DeleteResourcePolicyResponse{ARN: &secret.Spec.ARN, Name: &secret.Spec.Name}, err
}

func (s *Service) validateResourcePolicy(_ context.Context, call *api.Call, in *secretsmanagerapi.ValidateResourcePolicyRequest) (*secretsmanagerapi.ValidateResourcePolicyResponse, error) {
	if in.SecretId != nil {
		if _, err := findLive(s.store.Snapshot(), call, in.SecretId); err != nil {
			return nil, err
		}
	}
	statements, err := parsePolicy(*in.ResourcePolicy)
	if err != nil {
		return nil, secretsmanagerapi.NewMalformedPolicyDocumentException("This resource policy contains invalid JSON or no statement.")
	}
	out := &secretsmanagerapi.ValidateResourcePolicyResponse{PolicyValidationPassed: api.Ptr(true)}
	if openToAll(statements) {
		*out.PolicyValidationPassed = false
		out.ValidationErrors = []secretsmanagerapi.ValidationErrorsEntry{{
			CheckName: api.Ptr("PublicPolicy"), ErrorMessage: api.Ptr("The resource policy grants public access to your secret."),
		}}
	}
	return out, nil
}

// A statement is what openToAll needs of a policy's statement.
type statement struct {
	Effect    string
	Principal any
	Condition map[string]any
}

// parsePolicy reads a policy's statements: a list, or one on its own.
func parsePolicy(text string) ([]statement, error) {
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, err
	}
	var list []statement
	if err := json.Unmarshal(document.Statement, &list); err == nil {
		return list, nil
	}
	var one statement
	err := json.Unmarshal(document.Statement, &one)
	return []statement{one}, err
}

// openToAll reports whether a statement allows everybody without a condition.
func openToAll(statements []statement) bool {
	for _, st := range statements {
		if st.Effect == "Allow" && len(st.Condition) == 0 && isEverybody(st.Principal) {
			return true
		}
	}
	return false
}

// isEverybody understands "*", {"AWS": "*"} and {"AWS": ["*", …]}.
func isEverybody(principal any) bool {
	switch p := principal.(type) {
	case string:
		return p == "*"
	case []any:
		for _, one := range p {
			if isEverybody(one) {
				return true
			}
		}
	case map[string]any:
		return isEverybody(p["AWS"])
	}
	return false
}
