package secretsmanager

import (
	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// managedKey is the key that encrypts where no other is named. For it the region's
// own key does.
const managedKey = "alias/aws/secretsmanager"

// contextOf binds a version's value to the secret, as AWS does.
func contextOf(secret *Secret, id string) map[string]string {
	return map[string]string{"SecretARN": secret.Spec.ARN, "SecretVersionId": id}
}

// newVersion seals a value for a secret, under its KMS key if it names one: then
// the caller must be allowed to use the key.
func (s *Service) newVersion(r store.Reader, call *api.Call, secret *Secret, id string, v value) (Version, error) {
	out := Version{ID: id, Created: call.Now, Binary: v.binary}
	if key := secret.Spec.KMSKeyID; key != "" && key != managedKey {
		found, err := kms.Usable(r, s.env, scopeOf(call), key)
		if err != nil {
			return out, secretsmanagerapi.NewEncryptionFailure("Secrets Manager can't encrypt the protected secret text using the provided KMS key: %v", err)
		}
		out.Key = found.ARN()
		context := contextOf(secret, id)
		if err := kms.UserOf(call, "secretsmanager").May(r, s.env, "kms:GenerateDataKey", out.Key, context); err != nil {
			return out, err
		}
		if v.content, err = kms.Encrypt(r, s.env, scopeOf(call), out.Key, v.content, context); err != nil {
			return out, err
		}
	}
	out.Sealed = v.seal(s.sealer, secret.Key, id)
	return out, nil
}

// openVersion returns a version's value, whoever asks.
func openVersion(r store.Reader, env service.Env, secret *Secret, v Version) (value, error) {
	content, err := v.open(env.Sealer, secret.Key)
	if err != nil || v.Key == "" {
		return content, err
	}
	scope, _ := arn.SplitKey(secret.Key)
	content.content, err = kms.Decrypt(r, env, scope, content.content, contextOf(secret, v.ID))
	return content, err
}

// mayOpen asks whether the user may use the key of a version.
func mayOpen(r store.Reader, env service.Env, who kms.User, secret *Secret, v Version) error {
	if v.Key == "" {
		return nil
	}
	return who.May(r, env, "kms:Decrypt", v.Key, contextOf(secret, v.ID))
}
