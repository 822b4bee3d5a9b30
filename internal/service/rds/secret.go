package rds

import (
	"crypto/rand"
	"encoding/json"

	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/secretsmanager"
	"apex/internal/store"
)

// secretOwner is the service that a managed secret names as its owner.
const secretOwner = "rds"

// setPassword keeps the master user's password, sealed, in the spec.
func (s *Service) setPassword(key string, spec *InstanceSpec, password string) {
	spec.Password = s.env.Sealer.Seal([]byte(password), []byte(key))
	spec.Change++
}

func (s *Service) password(i Instance) (string, error) {
	plain, err := s.env.Sealer.Open(i.Spec.Password, []byte(i.Key))
	return string(plain), err
}

// manageSecret makes a new password, and keeps it in Secrets Manager too.
func (s *Service) manageSecret(tx *store.Tx, scope arn.Scope, key string, spec *InstanceSpec) error {
	password := rand.Text()
	s.setPassword(key, spec, password)
	content, err := json.Marshal(map[string]string{"username": spec.MasterUser, "password": password})
	if err != nil {
		return err
	}
	if spec.Secret.Name == "" {
		spec.Secret.Name = "rds!db-" + awsid.UUID()
	}
	spec.Secret.ARN = secretsmanager.PutManaged(tx, s.env.Sealer, scope, spec.Secret.Name, content, secretOwner)
	return nil
}

func clusterSecretName() string { return "rds!cluster-" + awsid.UUID() }

// dropSecret takes the managed secret away, if there is one.
func dropSecret(tx *store.Tx, scope arn.Scope, spec *InstanceSpec) {
	if spec.Secret.Name != "" {
		secretsmanager.DeleteManaged(tx, scope, spec.Secret.Name)
		spec.Secret = Secret{}
	}
}
