package kms

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
)

// onlyDefault refuses the name of a policy that no key has.
func onlyDefault(name *string) error {
	if api.Or(name, policyName) != policyName {
		return kmsapi.NewNotFoundException("No such policy exists")
	}
	return nil
}

func (s *Service) getKeyPolicy(ctx context.Context, call *api.Call, in *kmsapi.GetKeyPolicyRequest) (*kmsapi.GetKeyPolicyResponse, error) {
	k, err := findKey(s.store.Snapshot(), call, in.KeyId)
	if err == nil {
		err = onlyDefault(in.PolicyName)
	}
	if err != nil {
		return nil, err
	}
	return &kmsapi.GetKeyPolicyResponse{Policy: &k.Spec.Policy, PolicyName: api.Ptr(policyName)}, nil
}

func (s *Service) putKeyPolicy(ctx context.Context, call *api.Call, in *kmsapi.PutKeyPolicyRequest) (*kmsapi.PutKeyPolicyOutput, error) {
	if err := onlyDefault(in.PolicyName); err != nil {
		return nil, invalid("PolicyName: want default")
	}
	if err := validPolicy(api.Val(in.Policy), api.Val(in.BypassPolicyLockoutSafetyCheck)); err != nil {
		return nil, err
	}
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		k.Spec.Policy = api.Val(in.Policy)
		return nil
	})
	return nil, err
}

func (s *Service) listKeyPolicies(_ context.Context, call *api.Call, in *kmsapi.ListKeyPoliciesRequest) (*kmsapi.ListKeyPoliciesResponse, error) {
	if _, err := findKey(s.store.Snapshot(), call, in.KeyId); err != nil {
		return nil, err
	}
	return &kmsapi.ListKeyPoliciesResponse{PolicyNames: []string{policyName}, Truncated: api.Ptr(false)}, nil
}
