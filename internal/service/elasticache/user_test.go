package elasticache_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscache "github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	goredis "github.com/redis/go-redis/v9"

	"apex/internal/service/ec2"
	"apex/internal/service/servicetest"
)

func (w world) user(id, name, access string, passwords ...string) {
	w.t.Helper()
	in := &awscache.CreateUserInput{UserId: &id, UserName: &name, Engine: aws.String("redis"), AccessString: &access, Passwords: passwords}
	if len(passwords) == 0 {
		in.NoPasswordRequired = aws.Bool(true)
	}
	if _, err := w.CreateUser(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

func (w world) as(endpoint, name, password string) *goredis.Client {
	w.t.Helper()
	row, _ := ec2.Names.Get(w.env.Store.Snapshot(), scope.Key("vpc-1/"+endpoint))
	c := goredis.NewClient(&goredis.Options{Addr: fmt.Sprintf("%s:6379", row.Spec.Addresses[0]), Username: name, Password: password, MaxRetries: -1})
	w.t.Cleanup(func() { c.Close() })
	return c
}

func TestUsersMayWhatTheirRulesSay(t *testing.T) {
	w := newWorld(t).run()
	w.user("off", "default", "off -@all")
	w.user("app", "app", "on ~app:* +@all", token)
	_, err := w.CreateUserGroup(t.Context(), &awscache.CreateUserGroupInput{UserGroupId: aws.String("users"), Engine: aws.String("redis"), UserIds: []string{"off", "app"}})
	if err != nil {
		t.Fatal(err)
	}
	in := groupInput("cache")
	in.AuthToken, in.UserGroupIds = nil, []string{"users"}
	endpoint := *w.create(in).NodeGroups[0].PrimaryEndpoint.Address
	app := w.as(endpoint, "app", token)
	if err := app.Set(t.Context(), "app:1", "x", 0).Err(); err != nil {
		t.Error(err)
	}
	if app.Set(t.Context(), "other", "x", 0).Err() == nil || w.as(endpoint, "", "").Ping(t.Context()).Err() == nil {
		t.Error("another key, or the default user, is let in")
	}

	_, err = w.ModifyUser(t.Context(), &awscache.ModifyUserInput{UserId: aws.String("app"), AccessString: aws.String("on ~* +@read")})
	if err != nil {
		t.Fatal(err)
	}
	held := false
	for deadline := time.Now().Add(20 * time.Second); !held && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		held = app.Set(t.Context(), "app:1", "x", 0).Err() != nil && app.Get(t.Context(), "app:1").Err() == nil
	}
	if !held {
		t.Error("the new rules do not hold")
	}
	_, err = w.DeleteUserGroup(t.Context(), &awscache.DeleteUserGroupInput{UserGroupId: aws.String("users")})
	if got := servicetest.Code(err); got != "InvalidUserGroupState" {
		t.Errorf("a group in use: %s", got)
	}
}

func TestUsersRefused(t *testing.T) {
	w := newWorld(t)
	w.user("app", "app", "on ~* +@all", token)
	w.user("app2", "app", "on ~* +@all", token)
	create := func(change func(*awscache.CreateUserInput)) error {
		in := &awscache.CreateUserInput{UserId: aws.String("new"), UserName: aws.String("new"), Engine: aws.String("redis"), AccessString: aws.String("on ~* +@all"), Passwords: []string{token}}
		change(in)
		_, err := w.CreateUser(t.Context(), in)
		return err
	}
	group := func(ids ...string) error {
		_, err := w.CreateUserGroup(t.Context(), &awscache.CreateUserGroupInput{UserGroupId: aws.String("users"), Engine: aws.String("redis"), UserIds: ids})
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		code string
	}{
		"same id":        {create(func(in *awscache.CreateUserInput) { in.UserId = aws.String("APP") }), "UserAlreadyExists"},
		"short password": {create(func(in *awscache.CreateUserInput) { in.Passwords = []string{"short"} }), "InvalidParameterValue"},
		"no password":    {create(func(in *awscache.CreateUserInput) { in.Passwords = nil }), "InvalidParameterCombination"},
		"hidden password": {create(func(in *awscache.CreateUserInput) {
			in.AccessString = aws.String("on ~* +@all >x")
		}), "InvalidParameterValue"},
		"memcached": {create(func(in *awscache.CreateUserInput) { in.Engine = aws.String("memcached") }), "InvalidParameterValue"},
		"iam and password": {create(func(in *awscache.CreateUserInput) {
			in.Passwords, in.AuthenticationMode = nil, &types.AuthenticationMode{Type: types.InputAuthenticationTypeIam, Passwords: []string{token}}
		}), "InvalidParameterCombination"},
		"no default":     {group("app"), "DefaultUserRequired"},
		"one name twice": {group("default", "app", "app2"), "DuplicateUserName"},
		"unknown user":   {group("default", "nobody"), "UserNotFound"},
	} {
		if got := servicetest.Code(tt.err); got != tt.code {
			t.Errorf("%s: %s, want %s", name, got, tt.code)
		}
	}
	for want, call := range map[string]func() error{
		"UserNotFound": func() error {
			_, err := w.DescribeUsers(t.Context(), &awscache.DescribeUsersInput{UserId: aws.String("nobody")})
			return err
		},
		"UserGroupNotFound": func() error {
			_, err := w.DescribeUserGroups(t.Context(), &awscache.DescribeUserGroupsInput{UserGroupId: aws.String("none")})
			return err
		},
		"SnapshotNotFoundFault": func() error {
			_, err := w.DescribeSnapshots(t.Context(), &awscache.DescribeSnapshotsInput{SnapshotName: aws.String("none")})
			return err
		},
		"ServerlessCacheNotFoundFault": func() error {
			_, err := w.DescribeServerlessCaches(t.Context(), &awscache.DescribeServerlessCachesInput{ServerlessCacheName: aws.String("none")})
			return err
		},
	} {
		if got := servicetest.Code(call()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
