package iam

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

func (s *Service) updatePasswordPolicy(ctx context.Context, call *api.Call, in *iamapi.UpdateAccountPasswordPolicyRequest) (*iamapi.UpdateAccountPasswordPolicyOutput, error) {
	return nil, s.changeAccount(ctx, call, func(_ *store.Tx, a *AccountSpec) error {
		no := func(p *bool) *bool { return api.Ptr(api.Val(p)) }
		a.Passwords = &iamapi.PasswordPolicy{
			MinimumPasswordLength: api.Ptr(api.Or(in.MinimumPasswordLength, 6)),
			RequireSymbols:        no(in.RequireSymbols), RequireNumbers: no(in.RequireNumbers),
			RequireUppercaseCharacters: no(in.RequireUppercaseCharacters), RequireLowercaseCharacters: no(in.RequireLowercaseCharacters),
			AllowUsersToChangePassword: no(in.AllowUsersToChangePassword), ExpirePasswords: api.Ptr(in.MaxPasswordAge != nil),
			MaxPasswordAge: in.MaxPasswordAge, PasswordReusePrevention: in.PasswordReusePrevention, HardExpiry: in.HardExpiry,
		}
		return nil
	})
}

func noPasswordPolicy(call *api.Call) error {
	return iamapi.NewNoSuchEntityException("The Password Policy with domain name %s cannot be found.", call.Account)
}

func (s *Service) getPasswordPolicy(_ context.Context, call *api.Call, _ *iamapi.GetAccountPasswordPolicyInput) (*iamapi.GetAccountPasswordPolicyResponse, error) {
	p := s.account(s.store.Snapshot(), call).Spec.Passwords
	if p == nil {
		return nil, noPasswordPolicy(call)
	}
	return &iamapi.GetAccountPasswordPolicyResponse{PasswordPolicy: p}, nil
}

func (s *Service) deletePasswordPolicy(ctx context.Context, call *api.Call, _ *iamapi.DeleteAccountPasswordPolicyInput) (*iamapi.DeleteAccountPasswordPolicyOutput, error) {
	return nil, s.changeAccount(ctx, call, func(_ *store.Tx, a *AccountSpec) error {
		if a.Passwords == nil {
			return noPasswordPolicy(call)
		}
		a.Passwords = nil
		return nil
	})
}

func (s *Service) createLoginProfile(ctx context.Context, call *api.Call, in *iamapi.CreateLoginProfileRequest) (*iamapi.CreateLoginProfileResponse, error) {
	out := &iamapi.CreateLoginProfileResponse{}
	return out, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, u *User) error {
		if u.Spec.Login != nil {
			return iamapi.NewEntityAlreadyExistsException("Login Profile for user %s already exists.", *in.UserName)
		}
		u.Spec.Login = &Login{Created: call.Now, Reset: api.Val(in.PasswordResetRequired)}
		out.LoginProfile = loginShape(*u)
		return nil
	})
}

func noLogin(name string) error {
	return iamapi.NewNoSuchEntityException("Login Profile for User %s cannot be found.", name)
}

func (s *Service) getLoginProfile(_ context.Context, call *api.Call, in *iamapi.GetLoginProfileRequest) (*iamapi.GetLoginProfileResponse, error) {
	u, err := users.find(s.store.Snapshot(), call, api.Val(in.UserName))
	if err == nil && u.Spec.Login == nil {
		err = noLogin(api.Val(in.UserName))
	}
	if err != nil {
		return nil, err
	}
	return &iamapi.GetLoginProfileResponse{LoginProfile: loginShape(u)}, nil
}

func (s *Service) updateLoginProfile(ctx context.Context, call *api.Call, in *iamapi.UpdateLoginProfileRequest) (*iamapi.UpdateLoginProfileOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, u *User) error {
		if u.Spec.Login == nil {
			return noLogin(*in.UserName)
		}
		u.Spec.Login = &Login{Created: u.Spec.Login.Created, Reset: api.Or(in.PasswordResetRequired, u.Spec.Login.Reset)}
		return nil
	})
}

func (s *Service) deleteLoginProfile(ctx context.Context, call *api.Call, in *iamapi.DeleteLoginProfileRequest) (*iamapi.DeleteLoginProfileOutput, error) {
	return nil, users.change(ctx, s.store, call, api.Val(in.UserName), func(_ *store.Tx, u *User) error {
		if u.Spec.Login == nil {
			return noLogin(api.Val(in.UserName))
		}
		u.Spec.Login = nil
		return nil
	})
}

func loginShape(u User) *iamapi.LoginProfile {
	return &iamapi.LoginProfile{UserName: &u.Spec.Name, CreateDate: &u.Spec.Login.Created, PasswordResetRequired: &u.Spec.Login.Reset}
}
