package ssm

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// Limits of values in bytes, and of a parameter's versions (source: AWS's quotas).
const (
	maxStandard = 4096
	maxAdvanced = 8192
	maxVersions = 100
)

const (
	standard    = ssmapi.ParameterTierStandard
	advanced    = ssmapi.ParameterTierAdvanced
	intelligent = ssmapi.ParameterTierIntelligentTiering
)

var dataTypes = []string{"text", "aws:ec2:image", "aws:ssm:integration"}

func (s *Service) putParameter(ctx context.Context, call *api.Call, in *ssmapi.PutParameterRequest) (*ssmapi.PutParameterResult, error) {
	if err := validPut(in); err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &ssmapi.PutParameterResult{}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		name := api.Val(in.Name)
		p, there := Parameters.Get(tx, scopeOf(call).Key(name))
		if !there {
			p = Parameter{Key: scopeOf(call).Key(name), Spec: ParameterSpec{Name: name, Tags: tags}}
		} else if !api.Val(in.Overwrite) {
			return ssmapi.NewParameterAlreadyExists("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		}
		v, err := s.newVersion(tx, call, &p, in)
		if err != nil {
			return err
		}
		if p.Spec.Versions, err = withVersion(p.Spec.Versions, v); err != nil {
			return err
		}
		Parameters.Put(tx, p)
		out.Version, out.Tier = &v.Number, &v.Tier
		return nil
	})
	return out, err
}

func validPut(in *ssmapi.PutParameterRequest) error {
	if err := validName(api.Val(in.Name)); err != nil {
		return err
	}
	switch {
	case api.Val(in.Overwrite) && len(in.Tags) > 0:
		return invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case api.Val(in.Value) == "":
		return invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case in.DataType != nil && !slices.Contains(dataTypes, *in.DataType):
		return invalid("The following data type is not supported: %s (Data type names are all lowercase.)", *in.DataType)
	}
	if in.AllowedPattern != nil {
		if _, err := regexp.Compile(*in.AllowedPattern); err != nil {
			return ssmapi.NewInvalidAllowedPatternException("The request does not meet the regular expression requirement.")
		}
	}
	return validPolicies(api.Val(in.Policies))
}

// policyTypes are the parameter policies that AWS has.
var policyTypes = []string{"Expiration", "ExpirationNotification", "NoChangeNotification"}

func validPolicies(text string) error {
	if text == "" {
		return nil
	}
	var list []struct {
		Type, Version string
		Attributes    map[string]string
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return ssmapi.NewInvalidPolicyAttributeException("Policies: want a JSON list of policies with Type, Version and Attributes")
	}
	for _, p := range list {
		if !slices.Contains(policyTypes, p.Type) {
			return ssmapi.NewInvalidPolicyTypeException("Policies: type %s is none of %v", p.Type, policyTypes)
		}
	}
	return nil
}

// newVersion is what a request makes of a parameter: members that are not given
// stay as they are where AWS has it so.
func (s *Service) newVersion(r store.Reader, call *api.Call, p *Parameter, in *ssmapi.PutParameterRequest) (Version, error) {
	old := Version{DataType: "text", Tier: standard}
	if len(p.Spec.Versions) > 0 {
		old = *p.latest()
	} else if in.Type == nil {
		return old, invalid("A parameter type is required when you create a parameter.")
	}
	v := Version{
		Number: old.Number + 1, Type: api.Or(in.Type, old.Type), Description: api.Or(in.Description, old.Description),
		Pattern: api.Val(in.AllowedPattern), Policies: api.Val(in.Policies), DataType: api.Or(in.DataType, old.DataType),
		Modified: call.Now, User: call.Principal.ARN,
	}
	value := api.Val(in.Value)
	var err error
	if v.Tier, err = tierOf(api.Or(in.Tier, old.Tier), old.Tier, value, v.Policies); err != nil {
		return v, err
	}
	if v.Pattern != "" && !regexp.MustCompile(v.Pattern).MatchString(value) {
		return v, ssmapi.NewParameterPatternMismatchException("Parameter value, cannot be validated against allowedPattern: %s", v.Pattern)
	}
	switch {
	case v.Type == ssmapi.ParameterTypeSecureString:
		v.KeyID = api.Or(in.KeyId, cmp.Or(old.KeyID, defaultKey))
	case in.KeyId != nil:
		return v, invalid("KeyId is required for SecureString type parameter only.")
	}
	return v, v.hold(r, s.env, kms.UserOf(call, signingName), p, value)
}

// tierOf chooses a version's tier and holds the value against its limits.
func tierOf(wanted, old, value, policies string) (string, error) {
	switch {
	case wanted == intelligent && (len(value) > maxStandard || policies != "" && policies != "[]" || old == advanced):
		wanted = advanced
	case wanted == intelligent:
		wanted = standard
	case wanted == standard && old == advanced:
		return "", invalid("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.")
	}
	switch {
	case wanted == standard && len(value) > maxStandard:
		return "", invalid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.", maxStandard)
	case len(value) > maxAdvanced:
		return "", invalid("Advanced tier parameters support a maximum parameter value of %d characters.", maxAdvanced)
	case wanted == standard && policies != "" && policies != "[]":
		return "", invalid("Parameter policies are supported by the advanced-parameter tier only.")
	}
	return wanted, nil
}

// withVersion appends a version; the oldest goes when there are too many, unless
// a label holds it.
func withVersion(versions []Version, v Version) ([]Version, error) {
	if len(versions) >= maxVersions {
		if oldest := versions[0]; len(oldest.Labels) > 0 {
			return nil, ssmapi.NewParameterMaxVersionLimitExceeded("You attempted to create a new version of a parameter whose oldest version, %d, can't be deleted because it has labels. Move the labels and try again.", oldest.Number)
		}
		versions = versions[1:]
	}
	return append(slices.Clone(versions), v), nil
}
