package secretsmanager

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/store"
)

// withReplicas adds regions to those that a secret is to be in.
func withReplicas(old []Replica, call *api.Call, more []secretsmanagerapi.ReplicaRegionType) ([]Replica, error) {
	all := slices.Clone(old)
	for _, r := range more {
		if api.Val(r.Region) == call.Region {
			return nil, secretsmanagerapi.NewInvalidParameterException("Invalid replica region: %s is the region of the secret.", call.Region)
		}
		all = slices.DeleteFunc(all, func(have Replica) bool { return have.Region == api.Val(r.Region) })
		all = append(all, Replica{api.Val(r.Region), api.Val(r.KmsKeyId)})
	}
	return all, nil
}

// replicationOf tells of a secret's replicas.
func replicationOf(secret Secret) (out []secretsmanagerapi.ReplicationStatusType) {
	for _, r := range secret.Spec.Replicas {
		key := r.KMSKeyID
		if key == "" {
			key = managedKey
		}
		out = append(out, secretsmanagerapi.ReplicationStatusType{
			Region: &r.Region, KmsKeyId: &key, Status: api.Ptr(secretsmanagerapi.StatusTypeInSync), StatusMessage: api.Ptr("Kept; not replicated"),
		})
	}
	return out
}

func primaryOf(secret Secret, call *api.Call) *string {
	if len(secret.Spec.Replicas) == 0 {
		return nil
	}
	return &call.Region
}

func (s *Service) replicateSecretToRegions(ctx context.Context, call *api.Call, in *secretsmanagerapi.ReplicateSecretToRegionsRequest) (*secretsmanagerapi.ReplicateSecretToRegionsResponse, error) {
	secret, err := s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) (err error) {
		own.Spec.Replicas, err = withReplicas(own.Spec.Replicas, call, in.AddReplicaRegions)
		return err
	})
	return &secretsmanagerapi.ReplicateSecretToRegionsResponse{ARN: &secret.Spec.ARN, ReplicationStatus: replicationOf(secret)}, err
}

func (s *Service) removeRegionsFromReplication(ctx context.Context, call *api.Call, in *secretsmanagerapi.RemoveRegionsFromReplicationRequest) (*secretsmanagerapi.RemoveRegionsFromReplicationResponse, error) {
	secret, err := s.change(ctx, call, in.SecretId, func(_ store.Reader, own *Secret) error {
		own.Spec.Replicas = slices.DeleteFunc(own.Spec.Replicas, func(r Replica) bool { return slices.Contains(in.RemoveReplicaRegions, r.Region) })
		return nil
	})
	return &secretsmanagerapi.RemoveRegionsFromReplicationResponse{ARN: &secret.Spec.ARN, ReplicationStatus: replicationOf(secret)}, err
}

func (s *Service) stopReplicationToReplica(_ context.Context, call *api.Call, in *secretsmanagerapi.StopReplicationToReplicaRequest) (*secretsmanagerapi.StopReplicationToReplicaResponse, error) {
	if _, err := findLive(s.store.Snapshot(), call, in.SecretId); err != nil {
		return nil, err
	}
	return nil, secretsmanagerapi.NewInvalidRequestException("The secret is not a replica.")
}
