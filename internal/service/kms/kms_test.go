package kms

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

type world struct {
	*sdk.Client
	t     *testing.T
	env   service.Env
	clock *servicetest.Clock
}

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, env: servicetest.Env(t, Tables()...), clock: servicetest.NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}
	w.env.Now = w.clock.Now
	s := New(w.env)
	servicetest.Run(t, w.env, s.Controllers()...)
	w.Client = sdk.NewFromConfig(servicetest.Config(t, w.env, s.Routes()))
	return w
}

// ok returns what a call answered, which must be no error.
func ok[T any](t *testing.T, out T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// code holds an error against the code that it must have.
func code(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := servicetest.Code(err); got != want {
		t.Errorf("%s: %q (%v), want %s", what, got, err, want)
	}
}

func (w *world) key(in sdk.CreateKeyInput) string {
	w.t.Helper()
	out, err := w.CreateKey(w.t.Context(), &in)
	return *ok(w.t, out, err).KeyMetadata.KeyId
}

func TestAKeyIsDescribedAsItWasMade(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{Description: aws.String("app"), Tags: []types.Tag{{TagKey: aws.String("a"), TagValue: aws.String("b")}}})
	out, err := w.DescribeKey(t.Context(), &sdk.DescribeKeyInput{KeyId: &id})
	got := ok(t, out, err).KeyMetadata
	want := &types.KeyMetadata{
		KeyId: &id, Arn: aws.String("arn:aws:kms:us-east-1:000000000000:key/" + id), AWSAccountId: aws.String("000000000000"),
		CreationDate: aws.Time(w.clock.Now()), Enabled: true, Description: aws.String("app"), KeyUsage: types.KeyUsageTypeEncryptDecrypt,
		KeyState: types.KeyStateEnabled, Origin: types.OriginTypeAwsKms, KeyManager: types.KeyManagerTypeCustomer,
		KeySpec:              types.KeySpecSymmetricDefault,
		EncryptionAlgorithms: []types.EncryptionAlgorithmSpec{types.EncryptionAlgorithmSpecSymmetricDefault}, MultiRegion: aws.Bool(false),
		CurrentKeyMaterialId: got.CurrentKeyMaterialId,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(types.KeyMetadata{}), cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".noSmithyDocumentSerde" || p.Last().String() == ".CustomerMasterKeySpec"
	}, cmp.Ignore())); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	tags, err := w.ListResourceTags(t.Context(), &sdk.ListResourceTagsInput{KeyId: &id})
	if got := ok(t, tags, err).Tags; len(got) != 1 || *got[0].TagKey != "a" || *got[0].TagValue != "b" {
		t.Errorf("tags %v", got)
	}
	for name, in := range map[string]sdk.CreateKeyInput{
		"UnsupportedOperationException":    {MultiRegion: aws.Bool(true)},
		"ValidationException":              {KeySpec: types.KeySpecRsa2048},
		"MalformedPolicyDocumentException": {Policy: aws.String("{}")},
		"TagException":                     {Tags: []types.Tag{{TagKey: aws.String("aws:x"), TagValue: aws.String("")}}},
	} {
		_, err := w.CreateKey(t.Context(), &in)
		code(t, name, err, name)
	}
}

func TestEncryptedUnderAnAliasAndDecryptedByTheCiphertextAlone(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	other := w.key(sdk.CreateKeyInput{})
	_, err := w.CreateAlias(t.Context(), &sdk.CreateAliasInput{AliasName: aws.String("alias/app"), TargetKeyId: &id})
	code(t, "create alias", err, "")
	_, err = w.CreateAlias(t.Context(), &sdk.CreateAliasInput{AliasName: aws.String("alias/app"), TargetKeyId: &id})
	code(t, "create alias again", err, "AlreadyExistsException")
	_, err = w.CreateAlias(t.Context(), &sdk.CreateAliasInput{AliasName: aws.String("alias/aws/app"), TargetKeyId: &id})
	code(t, "an alias of AWS's", err, "NotAuthorizedException")

	context := map[string]string{"app": "crm"}
	made, err := w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: aws.String("alias/app"), Plaintext: []byte("hunter2"), EncryptionContext: context})
	blob := ok(t, made, err).CiphertextBlob
	got, err := w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob, EncryptionContext: context})
	if out := ok(t, got, err); string(out.Plaintext) != "hunter2" || *out.KeyId != scope.ARN("kms", "key/"+id) {
		t.Errorf("decrypted %q by %s", out.Plaintext, *out.KeyId)
	}
	_, err = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob})
	code(t, "without the context", err, "InvalidCiphertextException")
	_, err = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: []byte("nothing"), EncryptionContext: context})
	code(t, "no ciphertext", err, "InvalidCiphertextException")
	_, err = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob, EncryptionContext: context, KeyId: &other})
	code(t, "another key", err, "IncorrectKeyException")
	_, err = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob, EncryptionContext: context, DryRun: aws.Bool(true)})
	code(t, "dry run", err, "DryRunOperationException")

	moved, err := w.ReEncrypt(t.Context(), &sdk.ReEncryptInput{CiphertextBlob: blob, SourceEncryptionContext: context, DestinationKeyId: &other})
	got, err = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: ok(t, moved, err).CiphertextBlob, KeyId: &other})
	if out := ok(t, got, err); string(out.Plaintext) != "hunter2" {
		t.Errorf("after ReEncrypt: %q", out.Plaintext)
	}
	_, err = w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: aws.String("alias/none"), Plaintext: []byte("x")})
	code(t, "no such alias", err, "NotFoundException")
}

func TestAKeyThatIsDisabledOrToBeDeletedDoesNothing(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	_, err := w.CreateAlias(t.Context(), &sdk.CreateAliasInput{AliasName: aws.String("alias/app"), TargetKeyId: &id})
	code(t, "create alias", err, "")
	encrypt := func() error {
		_, err := w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
		return err
	}
	_, err = w.DisableKey(t.Context(), &sdk.DisableKeyInput{KeyId: &id})
	code(t, "disable", err, "")
	code(t, "encrypt while disabled", encrypt(), "DisabledException")
	_, err = w.EnableKey(t.Context(), &sdk.EnableKeyInput{KeyId: &id})
	code(t, "enable", err, "")
	code(t, "encrypt", encrypt(), "")
	_, err = w.ScheduleKeyDeletion(t.Context(), &sdk.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(3)})
	code(t, "too few days", err, "ValidationException")
	out, err := w.ScheduleKeyDeletion(t.Context(), &sdk.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(7)})
	if got := ok(t, out, err); !got.DeletionDate.Equal(w.clock.Now().AddDate(0, 0, 7)) {
		t.Errorf("deletion at %s", got.DeletionDate)
	}
	code(t, "encrypt while pending", encrypt(), "KMSInvalidStateException")
	_, err = w.CancelKeyDeletion(t.Context(), &sdk.CancelKeyDeletionInput{KeyId: &id})
	code(t, "cancel", err, "")
	code(t, "encrypt after cancel", encrypt(), "DisabledException")
	_, err = w.ScheduleKeyDeletion(t.Context(), &sdk.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(7)})
	code(t, "schedule again", err, "")
}

func TestADeletedKeyTakesItsAliasesAndGrantsAlong(t *testing.T) {
	w := start(t)
	w.clock.Advance(-8 * 24 * time.Hour)
	id := w.key(sdk.CreateKeyInput{})
	_, err := w.CreateAlias(t.Context(), &sdk.CreateAliasInput{AliasName: aws.String("alias/app"), TargetKeyId: &id})
	code(t, "create alias", err, "")
	_, err = w.CreateGrant(t.Context(), &sdk.CreateGrantInput{
		KeyId: &id, GranteePrincipal: aws.String("arn:aws:iam::000000000000:role/x"), Operations: []types.GrantOperation{types.GrantOperationDecrypt},
	})
	code(t, "create grant", err, "")
	w.clock.Advance(-8 * 24 * time.Hour)
	_, err = w.ScheduleKeyDeletion(t.Context(), &sdk.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(7)})
	code(t, "schedule", err, "")
	w.clock.Advance(16 * 24 * time.Hour)
	// A change of the key's row has the controller look at it again.
	if err := w.env.Store.Update(t.Context(), func(tx *store.Tx) error {
		Keys.Modify(tx, scope.Key(id), func(k *Key) { k.Spec.Description = "again" })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "the key goes with all that is its", func(snap store.Snapshot) bool {
		return Keys.Len(snap)+Aliases.Len(snap)+Grants.Len(snap) == 0
	})
}

func TestARotatedKeyOpensOldCiphertexts(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	encrypt := func() []byte {
		out, err := w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
		return ok(t, out, err).CiphertextBlob
	}
	old := encrypt()
	_, err := w.EnableKeyRotation(t.Context(), &sdk.EnableKeyRotationInput{KeyId: &id, RotationPeriodInDays: aws.Int32(90)})
	code(t, "enable rotation", err, "")
	status, err := w.GetKeyRotationStatus(t.Context(), &sdk.GetKeyRotationStatusInput{KeyId: &id})
	if got := ok(t, status, err); !got.KeyRotationEnabled || *got.RotationPeriodInDays != 90 || !got.NextRotationDate.Equal(w.clock.Now().AddDate(0, 0, 90)) {
		t.Errorf("status %+v", got)
	}
	w.clock.Advance(time.Hour)
	_, err = w.RotateKeyOnDemand(t.Context(), &sdk.RotateKeyOnDemandInput{KeyId: &id})
	code(t, "rotate", err, "")
	second := encrypt()
	if *materialOf(old) == *materialOf(second) {
		t.Error("the key material is the same after a rotation")
	}
	w.clock.Advance(91 * 24 * time.Hour)
	_, err = w.TagResource(t.Context(), &sdk.TagResourceInput{KeyId: &id, Tags: []types.Tag{{TagKey: aws.String("a"), TagValue: aws.String("b")}}})
	code(t, "tag", err, "")
	servicetest.Await(t, w.env, "the key rotates by itself", func(snap store.Snapshot) bool {
		k, _ := Keys.Get(snap, scope.Key(id))
		return len(k.Status.Rotations) == 1
	})
	for _, blob := range [][]byte{old, second, encrypt()} {
		out, err := w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob})
		if string(ok(t, out, err).Plaintext) != "x" {
			t.Errorf("opened %q", out.Plaintext)
		}
	}
	list, err := w.ListKeyRotations(t.Context(), &sdk.ListKeyRotationsInput{KeyId: &id})
	if got := ok(t, list, err).Rotations; len(got) != 2 || got[0].RotationType != types.RotationTypeOnDemand || got[1].RotationType != types.RotationTypeAutomatic {
		t.Errorf("rotations %+v", got)
	}
	_, err = w.DisableKeyRotation(t.Context(), &sdk.DisableKeyRotationInput{KeyId: &id})
	code(t, "disable rotation", err, "")
}

func TestKeysOfAWSAreThereWhenTheyAreAskedFor(t *testing.T) {
	w := start(t)
	snap := w.env.Store.Snapshot()
	blob, err := Encrypt(snap, w.env, scope, "alias/aws/secretsmanager", []byte("early"), nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.DescribeKey(t.Context(), &sdk.DescribeKeyInput{KeyId: aws.String("alias/aws/secretsmanager")})
	md := ok(t, out, err).KeyMetadata
	if md.KeyManager != types.KeyManagerTypeAws || !md.CreationDate.Equal(w.clock.Now()) {
		t.Errorf("metadata %+v", md)
	}
	if name, err := KeyOf(snap, scope, blob); err != nil || name != *md.Arn {
		t.Errorf("the ciphertext is under %s, %v; want %s", name, err, *md.Arn)
	}
	if plain, err := Decrypt(w.env.Store.Snapshot(), w.env, scope, blob, nil); err != nil || string(plain) != "early" {
		t.Errorf("opened %q, %v", plain, err)
	}
	_, err = w.ScheduleKeyDeletion(t.Context(), &sdk.ScheduleKeyDeletionInput{KeyId: md.KeyId})
	code(t, "delete a key of AWS", err, "AccessDeniedException")
	_, err = w.DescribeKey(t.Context(), &sdk.DescribeKeyInput{KeyId: aws.String("alias/aws/unheard-of")})
	code(t, "no such service", err, "NotFoundException")
	aliases, err := w.ListAliases(t.Context(), &sdk.ListAliasesInput{KeyId: md.KeyId})
	if got := ok(t, aliases, err).Aliases; len(got) != 1 || *got[0].AliasName != "alias/aws/secretsmanager" {
		t.Errorf("aliases of the key %v", got)
	}
}

func TestPagesOfAliasesGoThroughAll(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		_, err := w.CreateAlias(t.Context(), &sdk.CreateAliasInput{AliasName: aws.String("alias/" + name), TargetKeyId: &id})
		code(t, name, err, "")
	}
	var got []string
	pages := sdk.NewListAliasesPaginator(w.Client, &sdk.ListAliasesInput{KeyId: &id, Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		for _, a := range ok(t, page, err).Aliases {
			got = append(got, *a.AliasName)
		}
	}
	if diff := cmp.Diff([]string{"alias/a", "alias/b", "alias/c", "alias/d", "alias/e"}, got); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	_, err := w.ListAliases(t.Context(), &sdk.ListAliasesInput{Marker: aws.String("~")})
	code(t, "a marker of nothing", err, "InvalidMarkerException")
}

// What the region signs and encrypts is verified and opened outside of it.
func TestAsymmetricKeysWorkWithOthers(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{KeySpec: types.KeySpecRsa2048, KeyUsage: types.KeyUsageTypeSignVerify})
	out, err := w.GetPublicKey(t.Context(), &sdk.GetPublicKeyInput{KeyId: &id})
	public, err := x509.ParsePKIXPublicKey(ok(t, out, err).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("message"))
	signed, err := w.Sign(t.Context(), &sdk.SignInput{KeyId: &id, Message: []byte("message"), SigningAlgorithm: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256})
	if err := rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), 5, sum[:], ok(t, signed, err).Signature); err != nil {
		t.Errorf("verify: %v", err)
	}
	_, err = w.Verify(t.Context(), &sdk.VerifyInput{KeyId: &id, Message: []byte("other"), Signature: signed.Signature, SigningAlgorithm: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256})
	code(t, "another message", err, "KMSInvalidSignatureException")
	_, err = w.Sign(t.Context(), &sdk.SignInput{KeyId: &id, Message: []byte("message"), SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256})
	code(t, "another algorithm", err, "InvalidKeyUsageException")
	_, err = w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
	code(t, "encrypt with a signing key", err, "InvalidKeyUsageException")
}

func TestMACsAndDataKeys(t *testing.T) {
	w := start(t)
	mac := w.key(sdk.CreateKeyInput{KeySpec: types.KeySpecHmac256, KeyUsage: types.KeyUsageTypeGenerateVerifyMac})
	made, err := w.GenerateMac(t.Context(), &sdk.GenerateMacInput{KeyId: &mac, Message: []byte("m"), MacAlgorithm: types.MacAlgorithmSpecHmacSha256})
	verify := func(m string) error {
		_, err := w.VerifyMac(t.Context(), &sdk.VerifyMacInput{KeyId: &mac, Message: []byte(m), MacAlgorithm: types.MacAlgorithmSpecHmacSha256, Mac: made.Mac})
		return err
	}
	ok(t, made, err)
	code(t, "verify", verify("m"), "")
	code(t, "verify another", verify("n"), "KMSInvalidMacException")

	id := w.key(sdk.CreateKeyInput{})
	data, err := w.GenerateDataKey(t.Context(), &sdk.GenerateDataKeyInput{KeyId: &id, KeySpec: types.DataKeySpecAes256})
	opened, err2 := w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: ok(t, data, err).CiphertextBlob})
	if got := ok(t, opened, err2); len(data.Plaintext) != 32 || !bytes.Equal(got.Plaintext, data.Plaintext) {
		t.Errorf("data key %x opens as %x", data.Plaintext, got.Plaintext)
	}
	pair, err := w.GenerateDataKeyPair(t.Context(), &sdk.GenerateDataKeyPairInput{KeyId: &id, KeyPairSpec: types.DataKeyPairSpecEccNistP256})
	opened, err2 = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: ok(t, pair, err).PrivateKeyCiphertextBlob})
	if got := ok(t, opened, err2); !bytes.Equal(got.Plaintext, pair.PrivateKeyPlaintext) {
		t.Error("the pair's private key does not open")
	}
	_, err = w.GenerateDataKey(t.Context(), &sdk.GenerateDataKeyInput{KeyId: &id})
	code(t, "no size", err, "ValidationException")
	random, err := w.GenerateRandom(t.Context(), &sdk.GenerateRandomInput{NumberOfBytes: aws.Int32(16)})
	if len(ok(t, random, err).Plaintext) != 16 {
		t.Errorf("%d random bytes", len(random.Plaintext))
	}
}

func TestImportedMaterialDecryptsAfterItIsImportedAgain(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{Origin: types.OriginTypeExternal})
	_, err := w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
	code(t, "encrypt before the import", err, "KMSInvalidStateException")
	material := make([]byte, 32)
	rand.Read(material)
	imports := func(material []byte) error {
		p, err := w.GetParametersForImport(t.Context(), &sdk.GetParametersForImportInput{
			KeyId: &id, WrappingAlgorithm: types.AlgorithmSpecRsaesOaepSha256, WrappingKeySpec: types.WrappingKeySpecRsa2048,
		})
		public, err := x509.ParsePKIXPublicKey(ok(t, p, err).PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public.(*rsa.PublicKey), material, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.ImportKeyMaterial(t.Context(), &sdk.ImportKeyMaterialInput{
			KeyId: &id, ImportToken: p.ImportToken, EncryptedKeyMaterial: wrapped, ExpirationModel: types.ExpirationModelTypeKeyMaterialDoesNotExpire,
		})
		return err
	}
	code(t, "import", imports(material), "")
	out, err := w.Encrypt(t.Context(), &sdk.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
	blob := ok(t, out, err).CiphertextBlob
	_, err = w.DeleteImportedKeyMaterial(t.Context(), &sdk.DeleteImportedKeyMaterialInput{KeyId: &id})
	code(t, "delete the material", err, "")
	_, err = w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob})
	code(t, "decrypt without material", err, "KMSInvalidStateException")
	code(t, "import another", imports(make([]byte, 32)), "IncorrectKeyMaterialException")
	code(t, "import again", imports(material), "")
	opened, err := w.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: blob})
	if string(ok(t, opened, err).Plaintext) != "x" {
		t.Errorf("opened %q", opened.Plaintext)
	}
}

func TestGrantsAreKeptAndRetired(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	in := &sdk.CreateGrantInput{
		KeyId: &id, Name: aws.String("g"), GranteePrincipal: aws.String("arn:aws:iam::000000000000:role/x"), RetiringPrincipal: aws.String("arn:aws:iam::000000000000:role/y"),
		Operations: []types.GrantOperation{types.GrantOperationDecrypt}, Constraints: &types.GrantConstraints{EncryptionContextEquals: map[string]string{"a": "b"}},
	}
	first, err := w.CreateGrant(t.Context(), in)
	ok(t, first, err)
	again, err := w.CreateGrant(t.Context(), in)
	if *ok(t, again, err).GrantId != *first.GrantId {
		t.Error("the same named grant was made twice")
	}
	list, err := w.ListRetirableGrants(t.Context(), &sdk.ListRetirableGrantsInput{RetiringPrincipal: in.RetiringPrincipal})
	if got := ok(t, list, err).Grants; len(got) != 1 || *got[0].GrantId != *first.GrantId || got[0].Constraints.EncryptionContextEquals["a"] != "b" {
		t.Errorf("grants %+v", got)
	}
	_, err = w.RetireGrant(t.Context(), &sdk.RetireGrantInput{GrantToken: first.GrantToken})
	code(t, "retire", err, "")
	_, err = w.RevokeGrant(t.Context(), &sdk.RevokeGrantInput{KeyId: &id, GrantId: first.GrantId})
	code(t, "revoke what is gone", err, "NotFoundException")
}

func TestPoliciesAreKeptUnlessTheyLockEverybodyOut(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	got, err := w.GetKeyPolicy(t.Context(), &sdk.GetKeyPolicyInput{KeyId: &id})
	if *ok(t, got, err).Policy != defaultPolicy(scope) {
		t.Errorf("policy %s", *got.Policy)
	}
	put := func(statement string) error {
		_, err := w.PutKeyPolicy(t.Context(), &sdk.PutKeyPolicyInput{KeyId: &id, Policy: aws.String(`{"Version":"2012-10-17","Statement":[` + statement + `]}`)})
		return err
	}
	const principal = `"Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Resource":"*"`
	code(t, "lockout", put(`{"Effect":"Allow","Action":"kms:Decrypt",`+principal+`}`), "MalformedPolicyDocumentException")
	code(t, "no principal", put(`{"Effect":"Allow","Action":"kms:*","Resource":"*"}`), "MalformedPolicyDocumentException")
	code(t, "good", put(`{"Effect":"Allow","Action":"kms:Put*",`+principal+`}`), "")
	_, err = w.PutKeyPolicy(t.Context(), &sdk.PutKeyPolicyInput{KeyId: aws.String(id[:35] + "x"), Policy: got.Policy})
	code(t, "no such key", err, "NotFoundException")
}
