package kms

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"apex/internal/arn"
	"apex/internal/service/iam/policy"
)

// A principal without policies of its own may do what a grant allows, under the
// grant's constraints, until the grant is revoked.
func TestAGrantAllowsItsPrincipal(t *testing.T) {
	w := start(t)
	id := w.key(sdk.CreateKeyInput{})
	const grantee = "arn:aws:iam::000000000000:role/x"
	made, err := w.CreateGrant(t.Context(), &sdk.CreateGrantInput{
		KeyId: &id, GranteePrincipal: aws.String(grantee), Operations: []types.GrantOperation{types.GrantOperationDecrypt},
		Constraints: &types.GrantConstraints{EncryptionContextSubset: map[string]string{"app": "crm"}},
	})
	grant := ok(t, made, err).GrantId
	may := func(action, app string) bool {
		found, there := Find(w.env.Store.Snapshot(), arn.ARN{Partition: "aws", Service: "kms", Region: scope.Region, Account: scope.Account, Resource: "key/" + id})
		document, err := policy.Parse(found.Policy)
		if err != nil || !there || !found.Required {
			t.Fatalf("%+v, %v", found, err)
		}
		return policy.Decide(&policy.Identity{}, policy.Resource{Policy: &policy.Named{Document: &document}, Required: true}, policy.Request{
			Action: action, Resource: found.ARN, Principal: policy.Principal{Account: scope.Account, ARNs: []string{grantee}},
			Context: policy.Keys{"kms:encryptioncontext:app": {app}},
		}).Allowed
	}
	if !may("kms:Decrypt", "crm") || may("kms:Encrypt", "crm") || may("kms:Decrypt", "other") {
		t.Error("the grant allows too little or too much")
	}
	_, err = w.RevokeGrant(t.Context(), &sdk.RevokeGrantInput{KeyId: &id, GrantId: grant})
	code(t, "revoke", err, "")
	if may("kms:Decrypt", "crm") {
		t.Error("the revoked grant allows still")
	}
}
