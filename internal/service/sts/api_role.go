package sts

import (
	"context"
	"maps"
	"slices"

	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/service/iam"
	"apex/internal/store"
)

func (s *Service) assumeRole(ctx context.Context, call *api.Call, in *stsapi.AssumeRoleRequest) (*stsapi.AssumeRoleResponse, error) {
	if err := checkNoDevice(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, invalid("ProvidedContexts: not built in this region")
	}
	out := &stsapi.AssumeRoleResponse{SourceIdentity: in.SourceIdentity}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		role, ok := roleOf(tx, *in.RoleArn)
		if !ok || !iam.TrustsCaller(tx, role, "sts:AssumeRole", call, in) {
			return denied("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", call.Principal.ARN, *in.RoleArn)
		}
		seconds := api.Or(in.DurationSeconds, defaultRoleSession)
		if err := checkDuration(tx, call, role, seconds); err != nil {
			return err
		}
		session := &api.Session{Issued: call.Now, SourceIdentity: api.Val(in.SourceIdentity)}
		if err := inherit(session, call.Principal.Session); err != nil {
			return err
		}
		if err := tagSession(session, in.Tags, in.TransitiveTagKeys); err != nil {
			return err
		}
		size, err := limit(tx, session, accountOf(role).Account, in.Policy, in.PolicyArns)
		if err != nil {
			return err
		}
		out.PackedPolicySize = size
		out.Credentials, out.AssumedRoleUser, err = s.enter(tx, call, role, *in.RoleSessionName, seconds, session)
		return err
	})
}

// enter opens a session of a role.
func (s *Service) enter(tx *store.Tx, call *api.Call, role iam.Role, name string, seconds int64, session *api.Session) (*stsapi.Credentials, *stsapi.AssumedRoleUser, error) {
	account := accountOf(role).Account
	principal := principalOf(role, account, name)
	issued, err := issue(tx, s.sealer, SessionSpec{
		Account: account, Owner: Owner{Role: role.Spec.Name, ID: role.Spec.ID},
		Principal: during(principal, session), Expires: call.Now.Add(duration(seconds)),
	}, call.Now)
	return shape(issued), &stsapi.AssumedRoleUser{Arn: &principal.ARN, AssumedRoleId: &principal.ID}, err
}

// during is the principal with the session that it has.
func during(p api.Principal, session *api.Session) api.Principal {
	p.Session = session
	return p
}

// inherit takes along what a role that takes on another passes to it: transitive
// tags, and the source identity, which never changes again.
func inherit(session, from *api.Session) error {
	if from == nil {
		return nil
	}
	if from.SourceIdentity != "" {
		if session.SourceIdentity != "" && session.SourceIdentity != from.SourceIdentity {
			return denied("The source identity %s of the session cannot be changed", from.SourceIdentity)
		}
		session.SourceIdentity = from.SourceIdentity
	}
	for _, key := range from.Transitive {
		if session.Tags == nil {
			session.Tags = map[string]string{}
		}
		session.Tags[key] = from.Tags[key]
	}
	session.Transitive = slices.Clone(from.Transitive)
	return nil
}

// tagSession gives the session tags.
func tagSession(session *api.Session, tags []stsapi.Tag, transitive []string) error {
	given := map[string]string{}
	for _, t := range tags {
		key := *t.Key
		if _, twice := given[key]; twice || slices.Contains(session.Transitive, key) {
			return invalid("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: %s", key)
		}
		given[key] = *t.Value
	}
	for _, key := range transitive {
		if _, ok := given[key]; !ok {
			return invalid("The specified transitive tag key must be included in the requested tags: %s", key)
		}
	}
	if len(given) == 0 {
		return nil
	}
	if session.Tags == nil {
		session.Tags = map[string]string{}
	}
	maps.Copy(session.Tags, given)
	session.Transitive = append(session.Transitive, transitive...)
	return nil
}
