package sts

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/seal"
	"apex/internal/service/iam"
	"apex/internal/store"
)

// keptAfter is how long the row of an ended session stays, so that its holder
// is told that it expired rather than that it never was.
const keptAfter = time.Hour

// Credentials are what a caller signs with during a session.
type Credentials struct {
	AccessKeyID, Secret, Token string
	Expires                    time.Time
}

// IssueRoleSession gives a role's rights to whoever gets the answer, until the
// lifetime is over. The role's trust policy is the caller's matter: see
// TrustsService.
func IssueRoleSession(tx *store.Tx, sealer *seal.Sealer, scope arn.Scope, roleARN, sessionName string, lifetime time.Duration, now time.Time) (Credentials, error) {
	role, ok := roleOf(tx, roleARN)
	if !ok || !strings.HasPrefix(roleARN, arn.Scope{Account: scope.Account}.ARN("iam", "role/")) {
		return Credentials{}, fmt.Errorf("issue session: %s: the account has no such role", roleARN)
	}
	return issue(tx, sealer, SessionSpec{
		Account:   scope.Account,
		Owner:     Owner{Role: role.Spec.Name, ID: role.Spec.ID},
		Principal: principalOf(role, scope.Account, sessionName),
		Expires:   now.Add(lifetime),
	}, now)
}

// RolePrincipal returns who acts in a session of a role.
func RolePrincipal(r store.Reader, roleARN, sessionName string) (api.Principal, bool) {
	role, ok := roleOf(r, roleARN)
	if !ok {
		return api.Principal{}, false
	}
	return principalOf(role, accountOf(role).Account, sessionName), true
}

func principalOf(role iam.Role, account, sessionName string) api.Principal {
	return api.Principal{ARN: sessionARN(role, account, sessionName), ID: role.Spec.ID + ":" + sessionName}
}

// issue makes the keys of a session and puts its row.
func issue(tx *store.Tx, sealer *seal.Sealer, spec SessionSpec, now time.Time) (Credentials, error) {
	prune(tx, now)
	id := "ASIA" + strings.ToUpper(awsid.Hex(16))
	keys := secrets{Secret: awsid.Hex(40), Token: awsid.Hex(128)}
	text, err := json.Marshal(keys)
	if err != nil {
		return Credentials{}, err
	}
	spec.Principal.AccessKeyID = id
	spec.Sealed = sealer.Seal(text, []byte(id))
	Sessions.Put(tx, Session{ID: id, Spec: spec})
	return Credentials{AccessKeyID: id, Secret: keys.Secret, Token: keys.Token, Expires: spec.Expires}, nil
}

// prune drops the rows of sessions that ended a while ago.
func prune(tx *store.Tx, now time.Time) {
	var ended []string
	for id, session := range Sessions.All(tx) {
		if now.After(session.Spec.Expires.Add(keptAfter)) {
			ended = append(ended, id)
		}
	}
	for _, id := range ended {
		Sessions.Delete(tx, id)
	}
}

// Lookup finds the credential of a session's access key. Ended sessions are
// found too, with the time at which they ended.
func Lookup(r store.Reader, sealer *seal.Sealer, id string) (api.Credential, bool) {
	session, ok := Sessions.Get(r, id)
	if !ok || !session.Spec.Owner.exists(r, session.Spec.Account) {
		return api.Credential{}, false
	}
	var keys secrets
	text, err := sealer.Open(session.Spec.Sealed, []byte(id))
	if err != nil || json.Unmarshal(text, &keys) != nil {
		return api.Credential{}, false
	}
	return api.Credential{
		Secret: keys.Secret, Token: keys.Token, Expires: session.Spec.Expires,
		Account: session.Spec.Account, Principal: session.Spec.Principal,
	}, true
}

func (o Owner) exists(r store.Reader, account string) bool {
	scope := arn.Scope{Account: account}
	switch {
	case o.Role != "":
		role, ok := iam.Roles.Get(r, scope.Key(strings.ToLower(o.Role)))
		return ok && role.Spec.ID == o.ID
	case o.User != "":
		user, ok := iam.Users.Get(r, scope.Key(strings.ToLower(o.User)))
		return ok && user.Spec.ID == o.ID
	}
	return true
}

// roleOf returns the role that an ARN names, whatever its path.
func roleOf(r store.Reader, roleARN string) (iam.Role, bool) {
	a, err := arn.Parse(roleARN)
	if err != nil {
		return iam.Role{}, false
	}
	parts := strings.Split(a.Resource, "/")
	role, ok := iam.Roles.Get(r, arn.Scope{Account: a.Account}.Key(strings.ToLower(parts[len(parts)-1])))
	return role, ok && role.Spec.ARN == roleARN
}

// accountOf returns the scope of the role's account, which need not be the
// caller's.
func accountOf(role iam.Role) arn.Scope {
	scope, _ := arn.SplitKey(role.Key)
	return scope
}

func sessionARN(role iam.Role, account, session string) string {
	return arn.Scope{Account: account}.ARN("sts", "assumed-role/"+role.Spec.Name+"/"+session)
}

// ownerOf returns whose rights a caller has, from its principal: the
// administrator, a user, or the role that it has taken on.
func ownerOf(r store.Reader, call *api.Call) (Owner, bool) {
	if session, ok := Sessions.Get(r, call.Principal.AccessKeyID); ok {
		return session.Spec.Owner, true
	}
	if call.Principal.Root {
		return Owner{}, true
	}
	key, ok := iam.AccessKeys.Get(r, call.Principal.AccessKeyID)
	return Owner{User: key.Spec.User, ID: call.Principal.ID}, ok
}
