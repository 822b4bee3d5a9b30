package iam

import (
	"context"
	"regexp"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

// An Account is what belongs to an account as a whole.
type Account struct {
	Key  string // of the account, with an empty name
	Spec AccountSpec
}

// AccountSpec is what was set on an account.
type AccountSpec struct {
	Alias     string
	Passwords *iamapi.PasswordPolicy // nil if none was set
}

var validAlias = regexp.MustCompile(`^[a-z0-9]([a-z0-9]|-[a-z0-9])*$`)

func (s *Service) accountRoutes() []api.Route {
	const console = "the region has no console that passwords open"
	return []api.Route{
		iamapi.CreateAccountAlias.Handle(s.createAccountAlias),
		iamapi.DeleteAccountAlias.Handle(s.deleteAccountAlias),
		iamapi.ListAccountAliases.Handle(s.listAccountAliases),
		iamapi.GetAccountSummary.Handle(s.getAccountSummary),
		iamapi.UpdateAccountPasswordPolicy.Handle(s.updatePasswordPolicy).StoredOnly(console),
		iamapi.GetAccountPasswordPolicy.Handle(s.getPasswordPolicy).StoredOnly(console),
		iamapi.DeleteAccountPasswordPolicy.Handle(s.deletePasswordPolicy).StoredOnly(console),
		iamapi.CreateLoginProfile.Handle(s.createLoginProfile).StoredOnly(console + "; the password is not kept"),
		iamapi.GetLoginProfile.Handle(s.getLoginProfile).StoredOnly(console),
		iamapi.UpdateLoginProfile.Handle(s.updateLoginProfile).StoredOnly(console),
		iamapi.DeleteLoginProfile.Handle(s.deleteLoginProfile).StoredOnly(console),
	}
}

func (s *Service) account(r store.Reader, call *api.Call) Account {
	a, _ := Accounts.Get(r, key(call.Account, ""))
	a.Key = key(call.Account, "")
	return a
}

func (s *Service) changeAccount(ctx context.Context, call *api.Call, edit func(tx *store.Tx, a *AccountSpec) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		a := s.account(tx, call)
		if err := edit(tx, &a.Spec); err != nil {
			return err
		}
		if a.Spec == (AccountSpec{}) {
			Accounts.Delete(tx, a.Key)
			return nil
		}
		Accounts.Put(tx, a)
		return nil
	})
}

// createAccountAlias replaces the account's alias, if it has one.
func (s *Service) createAccountAlias(ctx context.Context, call *api.Call, in *iamapi.CreateAccountAliasRequest) (*iamapi.CreateAccountAliasOutput, error) {
	if !validAlias.MatchString(*in.AccountAlias) {
		return nil, invalid("The specified value for accountAlias is invalid. It must contain only digits, lowercase letters, and dashes.")
	}
	return nil, s.changeAccount(ctx, call, func(tx *store.Tx, a *AccountSpec) error {
		for k, other := range Accounts.All(tx) {
			if other.Spec.Alias == *in.AccountAlias && k != key(call.Account, "") {
				return iamapi.NewEntityAlreadyExistsException("The account alias %s already exists.", *in.AccountAlias)
			}
		}
		a.Alias = *in.AccountAlias
		return nil
	})
}

func (s *Service) deleteAccountAlias(ctx context.Context, call *api.Call, in *iamapi.DeleteAccountAliasRequest) (*iamapi.DeleteAccountAliasOutput, error) {
	return nil, s.changeAccount(ctx, call, func(_ *store.Tx, a *AccountSpec) error {
		if a.Alias != *in.AccountAlias {
			return iamapi.NewNoSuchEntityException("The account alias %s cannot be found.", *in.AccountAlias)
		}
		a.Alias = ""
		return nil
	})
}

func (s *Service) listAccountAliases(_ context.Context, call *api.Call, _ *iamapi.ListAccountAliasesRequest) (*iamapi.ListAccountAliasesResponse, error) {
	out := &iamapi.ListAccountAliasesResponse{AccountAliases: []string{}, IsTruncated: api.Ptr(false)}
	if alias := s.account(s.store.Snapshot(), call).Spec.Alias; alias != "" {
		out.AccountAliases = append(out.AccountAliases, alias)
	}
	return out, nil
}

// getAccountSummary counts what there is, and gives AWS's default quotas.
func (s *Service) getAccountSummary(_ context.Context, call *api.Call, _ *iamapi.GetAccountSummaryInput) (*iamapi.GetAccountSummaryResponse, error) {
	snap, own := s.store.Snapshot(), key(call.Account, "")
	policies, versions := count(Policies, snap, own), int64(0)
	for _, p := range Policies.Prefix(snap, own) {
		versions += int64(len(p.Spec.Versions))
	}
	return &iamapi.GetAccountSummaryResponse{SummaryMap: map[string]int64{
		"Users": count(Users, snap, own), "Groups": count(Groups, snap, own), "Roles": count(Roles, snap, own),
		"Policies": policies, "PolicyVersionsInUse": versions, "InstanceProfiles": count(InstanceProfiles, snap, own),
		"Providers": count(Providers, snap, own), "ServerCertificates": 0, "MFADevices": 0, "MFADevicesInUse": 0,
		"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1, "AccountPasswordPresent": 0, "AccountSigningCertificatesPresent": 0,
		"UsersQuota": 5000, "GroupsQuota": 300, "RolesQuota": 1000, "PoliciesQuota": 1500, "InstanceProfilesQuota": 1000,
		"ServerCertificatesQuota": 20, "PolicyVersionsInUseQuota": 10000, "VersionsPerPolicyQuota": maxVersions,
		"GroupsPerUserQuota": 10, "AccessKeysPerUserQuota": 2, "SigningCertificatesPerUserQuota": 2,
		"AttachedPoliciesPerUserQuota": maxAttached, "AttachedPoliciesPerGroupQuota": maxAttached, "AttachedPoliciesPerRoleQuota": maxAttached,
		"UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120, "RolePolicySizeQuota": 10240, "PolicySizeQuota": 6144,
		"AssumeRolePolicySizeQuota": 2048, "GlobalEndpointTokenVersion": 1,
	}}, nil
}

func count[T any](table *store.Table[T], r store.Reader, prefix string) (n int64) {
	for range table.Prefix(r, prefix) {
		n++
	}
	return n
}
