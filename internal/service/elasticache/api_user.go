package elasticache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/dataplane/redis"
	"apex/internal/store"
	"apex/internal/tag"
)

// A User may connect to the caches of its groups.
type User struct {
	Key  string
	Spec UserSpec
}

// ID returns the caller's id of the user.
func (u User) ID() string { return idOf(u.Key) }

// UserSpec is what the caller asked for.
type UserSpec struct {
	Name      string // that clients give
	Engine    string
	Access    string   // the rules, as `ACL SETUSER` takes them
	Type      string   // "password", "no-password" or "iam"
	Passwords []string // digests of SHA-256, in hexadecimal
	Tags      tag.Tags
}

// The types of a user's authentication.
const (
	authPassword = "password"
	authOpen     = "no-password"
	authIAM      = "iam"
)

var userNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,39}$`)

// presetUser is the user that every account has.
func presetUser(scope arn.Scope) User {
	return User{Key: scope.Key("default"), Spec: UserSpec{Name: "default", Engine: "redis", Access: "on ~* +@all", Type: authOpen}}
}

func findUser(r store.Reader, scope arn.Scope, given string) (User, error) {
	id := strings.ToLower(given)
	if u, ok := Users.Get(r, scope.Key(id)); ok {
		return u, nil
	}
	if id == "default" {
		return presetUser(scope), nil
	}
	return User{}, elasticacheapi.NewUserNotFoundFault("User %s not found.", given)
}

func (s *Service) createUser(ctx context.Context, call *api.Call, in *elasticacheapi.CreateUserMessage) (*elasticacheapi.User, error) {
	id, err := checkID("UserId", *in.UserId, 40)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	if !userNamePattern.MatchString(*in.UserName) {
		return nil, invalid("Invalid UserName: %s", *in.UserName)
	}
	engine := strings.ToLower(*in.Engine)
	if _, err := findVersion(engine, ""); err != nil {
		return nil, err
	}
	u := User{Key: scopeOf(call).Key(id), Spec: UserSpec{Name: *in.UserName, Engine: engine, Access: *in.AccessString, Tags: tags}}
	if err := u.Spec.authenticate(in.AuthenticationMode, in.NoPasswordRequired, in.Passwords); err != nil {
		return nil, err
	}
	if u.Spec.Type == "" {
		return nil, combination("No password was provided. If you want to create/update the user without password, please use the NoPasswordRequired flag.")
	}
	if err := u.Spec.check(); err != nil {
		return nil, err
	}
	var out *elasticacheapi.User
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := findUser(tx, scopeOf(call), id); err == nil {
			return elasticacheapi.NewUserAlreadyExistsFault("User %s already exists.", id)
		}
		Users.Put(tx, u)
		out = describeUser(tx, u)
		return nil
	})
	return out, err
}

// authenticate takes over how the user authenticates, if the request says it.
func (s *UserSpec) authenticate(mode *elasticacheapi.AuthenticationMode, open *bool, passwords []string) error {
	kind := ""
	switch {
	case mode != nil:
		kind, passwords = strings.TrimSuffix(api.Val(mode.Type), "-required"), mode.Passwords
	case api.Val(open):
		kind = authOpen
	case len(passwords) > 0:
		kind = authPassword
	default:
		return nil
	}
	switch {
	case kind == authPassword && (len(passwords) < 1 || len(passwords) > 2):
		return combination("A user has one or two passwords.")
	case kind != authPassword && len(passwords) > 0:
		return combination("Passwords cannot be given with authentication of type %s.", kind)
	}
	s.Type, s.Passwords = kind, nil
	for _, p := range passwords {
		if err := checkToken(p); err != nil {
			return invalid("Invalid password: 16 to 128 printable ASCII characters besides '/', '@', '\"', ' ' may be used")
		}
		sum := sha256.Sum256([]byte(p))
		s.Passwords = append(s.Passwords, hex.EncodeToString(sum[:]))
	}
	return nil
}

func (s UserSpec) check() error {
	if err := redis.CheckRules(s.Access); err != nil {
		return invalid("Invalid AccessString: %v", err)
	}
	if s.Type == authIAM && s.Name == "default" {
		return combination("The default user cannot authenticate by IAM.")
	}
	return nil
}

func (s *Service) modifyUser(ctx context.Context, call *api.Call, in *elasticacheapi.ModifyUserMessage) (*elasticacheapi.User, error) {
	var out *elasticacheapi.User
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		u, ok := Users.Get(tx, scopeOf(call).Key(strings.ToLower(*in.UserId)))
		if !ok {
			return elasticacheapi.NewUserNotFoundFault("User %s not found.", *in.UserId)
		}
		set(&u.Spec.Access, in.AccessString)
		if in.AppendAccessString != nil {
			u.Spec.Access += " " + *in.AppendAccessString
		}
		set(&u.Spec.Engine, in.Engine)
		if err := u.Spec.authenticate(in.AuthenticationMode, in.NoPasswordRequired, in.Passwords); err != nil {
			return err
		}
		Users.Put(tx, u)
		out = describeUser(tx, u)
		return u.Spec.check()
	})
	return out, err
}

func (s *Service) deleteUser(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteUserMessage) (*elasticacheapi.User, error) {
	var out *elasticacheapi.User
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, scopeOf(call), *in.UserId)
		if err != nil {
			return err
		}
		out = describeUser(tx, u)
		if u.ID() == "default" {
			return invalid("The default user cannot be deleted")
		}
		for _, g := range UserGroups.Prefix(tx, scopeOf(call).Prefix()) {
			if u.Spec.Name == "default" && slices.Contains(g.Spec.UserIDs, u.ID()) {
				return elasticacheapi.NewDefaultUserAssociatedToUserGroupFault("User %s is the default user of group %s.", u.ID(), g.ID())
			}
			g.Spec.UserIDs = slices.DeleteFunc(slices.Clone(g.Spec.UserIDs), func(id string) bool { return id == u.ID() })
			UserGroups.Put(tx, g)
		}
		Users.Delete(tx, u.Key)
		out.Status = api.Ptr(stateDeleting)
		return nil
	})
	return out, err
}

func describeUser(r store.Reader, u User) *elasticacheapi.User {
	scope, id := arn.SplitKey(u.Key)
	out := &elasticacheapi.User{
		UserId: &id, UserName: api.Ptr(u.Spec.Name), Status: api.Ptr("active"), Engine: api.Ptr(u.Spec.Engine), MinimumEngineVersion: api.Ptr("6.0"),
		AccessString: api.Ptr(u.Spec.Access), UserGroupIds: []string{}, ARN: api.Ptr(scope.ARN("elasticache", kindUser+":"+id)),
		Authentication: &elasticacheapi.Authentication{Type: api.Ptr(u.Spec.Type), PasswordCount: api.Ptr(int64(len(u.Spec.Passwords)))},
	}
	for _, g := range UserGroups.Prefix(r, scope.Prefix()) {
		if slices.Contains(g.Spec.UserIDs, id) {
			out.UserGroupIds = append(out.UserGroupIds, g.ID())
		}
	}
	return out
}

func (s *Service) describeUsers(_ context.Context, call *api.Call, in *elasticacheapi.DescribeUsersMessage) (*elasticacheapi.DescribeUsersResult, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var all []User
	if in.UserId != nil {
		u, err := findUser(snap, scope, *in.UserId)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	} else {
		all = append(all, presetUser(scope))
		for _, u := range Users.Prefix(snap, scope.Prefix()) {
			all = append(all, u)
		}
		slices.SortFunc(all, func(a, b User) int { return strings.Compare(a.ID(), b.ID()) })
	}
	all = slices.DeleteFunc(all, func(u User) bool { return !strings.EqualFold(u.Spec.Engine, api.Or(in.Engine, u.Spec.Engine)) })
	some, marker, err := page(all, User.ID, in.MaxRecords, in.Marker)
	out := &elasticacheapi.DescribeUsersResult{Marker: marker, Users: []elasticacheapi.User{}}
	for _, u := range some {
		out.Users = append(out.Users, *describeUser(snap, u))
	}
	return out, err
}
