package kms

import (
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// A User is somebody with whose rights a service uses a key: of whom the service
// was asked something.
type User struct {
	Principal api.Principal
	Scope     arn.Scope // the account is the principal's
	Via       string    // "secretsmanager": what asks
}

// UserOf returns the caller of a service's operation.
func UserOf(call *api.Call, via string) User {
	return User{Principal: call.Principal, Scope: scopeOf(call), Via: via}
}

// May answers AWS's access-denied error unless the user may take an action
// ("kms:Decrypt") with a key, which is named as in the API.
func (u User) May(r store.Reader, env service.Env, action, key string, context map[string]string) error {
	k, err := lookup(r, u.Scope, key)
	if err != nil {
		return err
	}
	keys := map[string][]string{
		"kms:viaservice": {u.Via + "." + u.Scope.Region + ".amazonaws.com"}, "kms:calleraccount": {u.Scope.Account},
	}
	for name, value := range context {
		keys["kms:encryptioncontext:"+strings.ToLower(name)] = []string{value}
		keys["kms:encryptioncontextkeys"] = append(keys["kms:encryptioncontextkeys"], name)
	}
	return env.Allowed(r, service.Ask{
		Principal: u.Principal, Account: u.Scope.Account, Region: u.Scope.Region, Action: action, Resource: k.ARN(), Keys: keys,
	})
}
