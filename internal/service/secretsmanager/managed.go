package secretsmanager

import (
	"time"

	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/seal"
	"apex/internal/store"
)

// PutManaged records a secret that a service of the region manages, such as a
// database's master password, and returns its ARN. A new value becomes the
// current version; the same value changes nothing. Callers of the API can read
// the secret and cannot change its value or delete it.
func PutManaged(tx *store.Tx, sealer *seal.Sealer, scope arn.Scope, name string, content []byte, owner string) (secretARN string) {
	key, now, given := scope.Key(name), time.Now().UTC(), value{content: content}
	if _, ok := Secrets.Get(tx, key); !ok {
		Secrets.Put(tx, Secret{Key: key, Spec: SecretSpec{
			Name: name, ARN: scope.ARN("secretsmanager", "secret:"+name+"-"+awsid.Hex(suffix-1)), Owner: owner, Created: now,
		}})
	}
	Secrets.Modify(tx, key, func(own *Secret) {
		secretARN = own.Spec.ARN
		if v, ok := own.Spec.byStage(Current); ok {
			if had, err := v.open(sealer, key); err == nil && had.equal(given) {
				return
			}
		}
		id := awsid.UUID()
		own.Spec.add(Version{ID: id, Created: now, Sealed: given.seal(sealer, key, id)}, []string{Current})
	})
	return secretARN
}

// DeleteManaged deletes a managed secret at once. One that is not there is no
// error.
func DeleteManaged(tx *store.Tx, scope arn.Scope, name string) {
	Secrets.Delete(tx, scope.Key(name))
}
