// Package kms serves AWS Key Management Service: keys whose material never
// leaves the region unsealed, their aliases, policies and grants, and the
// cryptography with them, which is real.
//
// A symmetric key has one root secret; each of its key materials is derived from
// it by the material's id, so that a rotated key opens its old ciphertexts. Keys
// that AWS manages (alias/aws/…) have derived secrets too and exist as soon as
// they are asked for.
package kms

import (
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. Keys and grants are kept by scope, key ID and grant ID,
// aliases by scope and name.
var (
	Keys    = store.NewTable("kms.keys", func(k *Key) string { return k.Key })
	Aliases = store.NewTable("kms.aliases", func(a *Alias) string { return a.Key })
	Grants  = store.NewTable("kms.grants", func(g *Grant) string { return g.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Keys, Aliases, Grants} }

const signingName = "kms"

// A Key is a KMS key.
type Key struct {
	Key    string // scope and ID
	Spec   KeySpec
	Status KeyStatus
}

// A KeySpec is what the API says of a key.
type KeySpec struct {
	ID          string // a UUID
	Description string
	Usage       string // ENCRYPT_DECRYPT, SIGN_VERIFY, …
	Kind        string // the API's KeySpec: SYMMETRIC_DEFAULT, RSA_2048, …
	Origin      string // AWS_KMS or EXTERNAL
	Managed     string // the alias of a key that AWS manages, or empty
	Policy      string
	Tags        tag.Tags
	Created     time.Time
	Disabled    bool
	Deletion    time.Time // when the key goes; zero if it stays
	Window      int       // the days that were given until then

	Secret   []byte // root secret or private key, sealed; empty until it is imported
	Material string // the id of the first key material
	Import   *Import
	OnDemand []Rotation // the rotations that callers asked for

	RotatesSince time.Time // when automatic rotation was enabled; zero if it is not
	Period       int       // its days
}

// An Import is what is known of imported key material.
type Import struct {
	Digest []byte    // of the material: only the same one can be imported again
	Until  time.Time // when it expires; zero for never
}

// A KeyStatus is what the controller did.
type KeyStatus struct {
	Rotations []Rotation // the automatic ones
}

// A Rotation is the change to another key material.
type Rotation struct {
	Material string
	Date     time.Time
}

// An Alias is another name of a key.
type Alias struct {
	Key    string // scope and name
	Spec   AliasSpec
	Status struct{}
}

// An AliasSpec is what the API says of an alias.
type AliasSpec struct {
	Name    string // "alias/app"
	Target  string // the key's ID
	Created time.Time
	Updated time.Time
}

// A Grant allows a principal to use a key.
type Grant struct {
	Key    string // scope, key ID and grant ID
	Spec   GrantSpec
	Status struct{}
}

// A GrantSpec is what the API says of a grant.
type GrantSpec struct {
	ID, KeyID      string
	Token          string
	Name           string
	Grantee        string // an ARN
	Retiring       string // an ARN, or empty
	Operations     []string
	Subset, Equals map[string]string // constraints on the encryption context
	Created        time.Time
}

// ARN returns the key's name.
func (k *Key) ARN() string {
	scope, id := arn.SplitKey(k.Key)
	return scope.ARN(signingName, "key/"+id)
}

// ARN returns the alias's name.
func (a *Alias) ARN() string {
	scope, name := arn.SplitKey(a.Key)
	return scope.ARN(signingName, name)
}

// material returns the id of the key material that encrypts now: that of the
// last rotation.
func (k *Key) material() string {
	current := Rotation{Material: k.Spec.Material, Date: k.Spec.Created}
	for _, list := range [][]Rotation{k.Spec.OnDemand, k.Status.Rotations} {
		for _, r := range list {
			if r.Date.After(current.Date) {
				current = r
			}
		}
	}
	return current.Material
}
