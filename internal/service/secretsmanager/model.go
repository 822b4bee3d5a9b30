// Package secretsmanager serves AWS Secrets Manager: secrets with versions and
// staging labels, their values sealed at rest.
//
// A secret's whole history is one row, so that moving a label is one write. The
// controller deletes secrets whose recovery window is over.
package secretsmanager

import (
	"time"

	"apex/internal/store"
	"apex/internal/tag"
)

// Secrets holds all secrets, by scope and name.
var Secrets = store.NewTable("secretsmanager.secrets", func(s *Secret) string { return s.Key })

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Secrets} }

// A Secret is a named value with its older and coming versions.
type Secret struct {
	Key    string // scope and name
	Spec   SecretSpec
	Status struct{}
}

// A SecretSpec is what the API says of a secret.
type SecretSpec struct {
	Name        string
	ARN         string // ends in a dash and six random characters
	Description string
	KMSKeyID    string // as given; without one the region seals with its own key
	Replicas    []Replica
	Owner       string // the service that manages the secret, or empty
	Tags        tag.Tags
	Policy      string    // the resource policy, or empty
	Versions    []Version // oldest first
	Created     time.Time
	Changed     time.Time
	Accessed    time.Time // the day, as AWS keeps it; zero if never
	Deleted     time.Time // when deletion was asked for; zero if not
	Purge       time.Time // when the recovery window ends
}

// A Replica is another region that is to have the secret. It is kept only.
type Replica struct{ Region, KMSKeyID string }

// A Version is one value of a secret.
type Version struct {
	ID      string // the ClientRequestToken of the request that made it
	Stages  []string
	Created time.Time
	Binary  bool   // given as SecretBinary
	Sealed  []byte // opens under the secret's key and the version's ID
	Key     string // the KMS key that encrypts what is sealed; empty for none
}

// The staging labels that mean something to the service.
const (
	Current  = "AWSCURRENT"
	Previous = "AWSPREVIOUS"
	Pending  = "AWSPENDING"
)
