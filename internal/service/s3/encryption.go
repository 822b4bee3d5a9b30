package s3

import (
	"encoding/xml"
	"errors"
	"strings"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
	"apex/internal/service/kms"
)

// The headers that tell how an object is encrypted; those of KMS are kept with it.
const (
	sse          = "X-Amz-Server-Side-Encryption"
	sseKey       = "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"
	sseBucketKey = "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled"
)

const (
	byS3  = "AES256"
	byKMS = "aws:kms"
	// managedKey is used with aws:kms where no key is named.
	managedKey = "alias/aws/s3"
)

// defaultEncryption is what a bucket has for which none was put (S3 user guide:
// since January 2023).
const defaultEncryption = `<ServerSideEncryptionConfiguration xmlns="` + namespace + `"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`

// encryptionRule is how a bucket wants its objects encrypted.
type encryptionRule struct {
	Algorithm string `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
	Key       string `xml:"Rule>ApplyServerSideEncryptionByDefault>KMSMasterKeyID"`
	BucketKey bool   `xml:"Rule>BucketKeyEnabled"`
}

func (q *request) putEncryption() error {
	text, err := q.configuration()
	if err != nil {
		return err
	}
	var in encryptionRule
	if xml.Unmarshal([]byte(text), &in) != nil || in.Algorithm != byS3 && !strings.HasPrefix(in.Algorithm, byKMS) {
		return malformed()
	}
	return q.keep(text)
}

// encrypt notes how an object is to be encrypted, and asks whether the caller may
// use the key. The content lies on the disk as it is.
func (q *request) encrypt(o *objects.Object) error {
	rule := encryptionRule{Algorithm: q.Header.Get(sse), Key: q.Header.Get(sseKey), BucketKey: q.Header.Get(sseBucketKey) == "true"}
	if rule.Algorithm == "" {
		if text := q.bucket.Spec.Documents["encryption"]; text != "" {
			_ = xml.Unmarshal([]byte(text), &rule) // putEncryption read it
		}
	}
	switch {
	case rule.Algorithm == "" || rule.Algorithm == byS3:
		return nil
	case !strings.HasPrefix(rule.Algorithm, byKMS):
		return api.Invalid("InvalidEncryptionAlgorithmError", "The encryption request you specified is not valid. The valid values are AES256, aws:kms and aws:kms:dsse.")
	case rule.Key == "":
		rule.Key = managedKey
	}
	key, err := kms.Usable(q.store.Snapshot(), q.env, kms.UserOf(q.call, "s3").Scope, rule.Key)
	if err != nil {
		return ofKMS(err)
	}
	if err := q.useKey("kms:GenerateDataKey", key.ARN(), o.Key); err != nil {
		return err
	}
	set(o, sse, rule.Algorithm)
	set(o, sseKey, key.ARN())
	if rule.BucketKey {
		set(o, sseBucketKey, "true")
	}
	return nil
}

// decrypt asks whether the caller may use the key that an object is encrypted
// with.
func (q *request) decrypt(o *objects.Object) error {
	key := o.Meta[sseKey]
	if key == "" {
		return nil
	}
	if _, err := kms.Usable(q.store.Snapshot(), q.env, kms.UserOf(q.call, "s3").Scope, key); err != nil {
		return ofKMS(err)
	}
	return q.useKey("kms:Decrypt", key, o.Key)
}

func (q *request) useKey(action, key, object string) error {
	context := map[string]string{"aws:s3:arn": "arn:aws:s3:::" + q.bucketName + "/" + object}
	return kms.UserOf(q.call, "s3").May(q.store.Snapshot(), q.env, action, key, context)
}

// ofKMS names an error of KMS as S3 does.
func ofKMS(err error) error {
	if answer := (*api.Error)(nil); errors.As(err, &answer) {
		return api.Invalid("KMS."+answer.Code, "%s", answer.Message)
	}
	return err
}

// showEncryption tells how an object is encrypted.
func (q *request) showEncryption(o *objects.Object) {
	h := q.w.Header()
	h.Set(sse, byS3)
	for _, name := range []string{sse, sseKey, sseBucketKey} {
		if v := o.Meta[name]; v != "" {
			h.Set(name, v)
		}
	}
}
