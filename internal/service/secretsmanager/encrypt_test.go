package secretsmanager

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"apex/internal/api"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A secret under a key of the customer's opens only while the key is enabled and
// the caller may use it.
func TestASecretUnderAKeyOfItsOwn(t *testing.T) {
	_, env, _ := start(t)
	var asked []service.Ask
	refuse := false
	env.Access = func(_ store.Reader, ask service.Ask) error {
		if asked = append(asked, ask); refuse {
			return api.Invalid("AccessDeniedException", "no")
		}
		return nil
	}
	client := sdk.NewFromConfig(servicetest.Config(t, env, New(env).Routes()))
	keys := kmssdk.NewFromConfig(servicetest.Config(t, env, kms.New(env).Routes()))
	key, err := keys.CreateKey(t.Context(), &kmssdk.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	id := key.KeyMetadata.KeyId
	if _, err := client.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String("s"), SecretString: aws.String("hunter2"), KmsKeyId: id}); err != nil {
		t.Fatal(err)
	}
	get := func() (string, string) {
		out, err := client.GetSecretValue(t.Context(), &sdk.GetSecretValueInput{SecretId: aws.String("s")})
		if err != nil {
			return "", servicetest.Code(err)
		}
		return *out.SecretString, ""
	}
	if value, code := get(); value != "hunter2" {
		t.Errorf("value %q, %s", value, code)
	}
	if len(asked) != 2 || asked[0].Action != "kms:GenerateDataKey" || asked[1].Action != "kms:Decrypt" ||
		asked[1].Resource != *key.KeyMetadata.Arn || asked[1].Keys["kms:viaservice"][0] != "secretsmanager.us-east-1.amazonaws.com" {
		t.Errorf("asked %+v", asked)
	}
	refuse = true
	if value, code := get(); code != "AccessDeniedException" {
		t.Errorf("without the right to decrypt: %q, %s", value, code)
	}
	refuse = false
	if _, err := keys.DisableKey(t.Context(), &kmssdk.DisableKeyInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	if value, code := get(); code != "DecryptionFailure" {
		t.Errorf("under a disabled key: %q, %s", value, code)
	}
	_, err = client.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String("t"), SecretString: aws.String("x"), KmsKeyId: aws.String("alias/none")})
	if servicetest.Code(err) != "EncryptionFailure" {
		t.Errorf("under no key: %v", err)
	}
}

func TestReplicasAreKept(t *testing.T) {
	client, _, _ := start(t)
	made, err := client.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String("s"), AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("eu-central-1")}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: made.ARN})
	if err != nil || len(got.ReplicationStatus) != 1 || *got.ReplicationStatus[0].Region != "eu-central-1" || got.ReplicationStatus[0].Status != types.StatusTypeInSync {
		t.Errorf("replication %+v, %v", got.ReplicationStatus, err)
	}
	if _, err := client.DeleteSecret(t.Context(), &sdk.DeleteSecretInput{SecretId: made.ARN}); servicetest.Code(err) != "InvalidRequestException" {
		t.Errorf("delete with a replica: %v", err)
	}
	out, err := client.RemoveRegionsFromReplication(t.Context(), &sdk.RemoveRegionsFromReplicationInput{SecretId: made.ARN, RemoveReplicaRegions: []string{"eu-central-1"}})
	if err != nil || len(out.ReplicationStatus) != 0 {
		t.Errorf("after the removal %+v, %v", out, err)
	}
}
