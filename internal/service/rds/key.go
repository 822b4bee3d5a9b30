package rds

import (
	"cmp"

	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// The keys that AWS manages for what RDS encrypts.
const (
	storageKey = "alias/aws/rds"
	secretKey  = "alias/aws/secretsmanager"
)

// keyARN returns the ARN of the key that a caller names, or of the one that AWS
// manages.
func (s *Service) keyARN(r store.Reader, scope arn.Scope, given, managed string) (string, error) {
	key, err := kms.Usable(r, s.env, scope, cmp.Or(given, managed))
	if err != nil {
		return "", rdsapi.NewKMSKeyNotAccessibleFault("The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it.", cmp.Or(given, managed))
	}
	return key.ARN(), nil
}

// findKeys replaces the keys that settings name by their ARNs, and fills in those
// that AWS manages.
func (s *Service) findKeys(r store.Reader, scope arn.Scope, set *Settings, managedSecret bool) (err error) {
	if set.Encrypted || set.KMSKeyID != "" {
		set.Encrypted = true
		if set.KMSKeyID, err = s.keyARN(r, scope, set.KMSKeyID, storageKey); err != nil {
			return err
		}
	}
	if set.PerformanceInsights {
		if set.InsightsKey, err = s.keyARN(r, scope, set.InsightsKey, storageKey); err != nil {
			return err
		}
	}
	if managedSecret {
		set.SecretKey, err = s.keyARN(r, scope, set.SecretKey, secretKey)
	}
	return err
}

// findClusterKeys is findKeys for a cluster.
func (s *Service) findClusterKeys(r store.Reader, scope arn.Scope, c *Cluster) error {
	keys := Settings{
		Encrypted: c.Spec.Encrypted, KMSKeyID: c.Spec.KMSKeyID, PerformanceInsights: c.Spec.Insights, InsightsKey: c.Spec.InsightsKey, SecretKey: c.Spec.SecretKey,
	}
	err := s.findKeys(r, scope, &keys, c.Spec.Secret.Name != "")
	c.Spec.Encrypted, c.Spec.KMSKeyID, c.Spec.InsightsKey, c.Spec.SecretKey = keys.Encrypted, keys.KMSKeyID, keys.InsightsKey, keys.SecretKey
	return err
}
