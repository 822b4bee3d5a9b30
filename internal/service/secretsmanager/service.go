package secretsmanager

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the secrets of all scopes.
type Service struct {
	env    service.Env
	store  *store.Store
	sealer *seal.Sealer
	now    func() time.Time
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{env: env, store: env.Store, sealer: env.Sealer, now: env.Now}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		secretsmanagerapi.CreateSecret.Handle(s.createSecret).Limited("replicas are kept only: other regions have no secret of it"),
		secretsmanagerapi.DescribeSecret.Handle(s.describeSecret),
		secretsmanagerapi.UpdateSecret.Handle(s.updateSecret),
		secretsmanagerapi.DeleteSecret.Handle(s.deleteSecret),
		secretsmanagerapi.RestoreSecret.Handle(s.restoreSecret),
		secretsmanagerapi.ListSecrets.Handle(s.listSecrets),
		secretsmanagerapi.GetSecretValue.Handle(s.getSecretValue),
		secretsmanagerapi.BatchGetSecretValue.Handle(s.batchGetSecretValue),
		secretsmanagerapi.PutSecretValue.Handle(s.putSecretValue),
		secretsmanagerapi.ListSecretVersionIds.Handle(s.listSecretVersionIDs),
		secretsmanagerapi.UpdateSecretVersionStage.Handle(s.updateSecretVersionStage),
		secretsmanagerapi.GetRandomPassword.Handle(s.getRandomPassword),
		secretsmanagerapi.TagResource.Handle(s.tagResource),
		secretsmanagerapi.UntagResource.Handle(s.untagResource),
		secretsmanagerapi.PutResourcePolicy.Handle(s.putResourcePolicy),
		secretsmanagerapi.GetResourcePolicy.Handle(s.getResourcePolicy),
		secretsmanagerapi.DeleteResourcePolicy.Handle(s.deleteResourcePolicy),
		secretsmanagerapi.ValidateResourcePolicy.Handle(s.validateResourcePolicy).Limited("checks the form, and that it is not open to all"),
		secretsmanagerapi.ReplicateSecretToRegions.Handle(s.replicateSecretToRegions).StoredOnly("other regions have no secret of it"),
		secretsmanagerapi.RemoveRegionsFromReplication.Handle(s.removeRegionsFromReplication).StoredOnly("other regions have no secret of it"),
		secretsmanagerapi.StopReplicationToReplica.Handle(s.stopReplicationToReplica).Limited("refused: no secret is a replica"),
		secretsmanagerapi.RotateSecret.Handle(s.rotateSecret).Limited("refused: there is no Lambda to rotate with"),
		secretsmanagerapi.CancelRotateSecret.Handle(s.cancelRotateSecret).Limited("refused: there is no Lambda to rotate with"),
	}
}
