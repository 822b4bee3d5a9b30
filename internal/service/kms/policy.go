package kms

import (
	"fmt"
	"slices"
	"strings"

	"apex/internal/api/kmsapi"
	"apex/internal/arn"
	"apex/internal/service/iam/policy"
)

const policyName = "default"

// defaultPolicy leaves all decisions on a key to its account's IAM policies
// (source: KMS developer guide, "Default key policy").
func defaultPolicy(scope arn.Scope) string {
	return fmt.Sprintf(`{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::%s:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`, scope.Account)
}

// managedPolicy lets everybody of the account use a key through its service, and
// look at it.
func managedPolicy(scope arn.Scope, service string) string {
	return fmt.Sprintf(`{
  "Version" : "2012-10-17",
  "Id" : "auto-%[1]s",
  "Statement" : [ {
    "Sid" : "Allow access through %[1]s for all principals in the account that are authorized to use it",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "%[2]s",
        "kms:ViaService" : "%[1]s.%[3]s.amazonaws.com"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::%[2]s:root"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}`, service, scope.Account, scope.Region)
}

// validPolicy refuses a document that is none, or that would leave nobody able to
// change it (AWS's lockout safety check looks at the caller alone).
func validPolicy(text string, bypass bool) error {
	document, err := policy.Parse(text)
	if err != nil {
		return kmsapi.NewMalformedPolicyDocumentException("%v", err)
	}
	for _, s := range document.Statements {
		if s.Principal == nil && s.NotPrincipal == nil {
			return kmsapi.NewMalformedPolicyDocumentException("Policy document must contain valid principals.")
		}
		if len(s.Resource) == 0 && len(s.NotResource) == 0 {
			return kmsapi.NewMalformedPolicyDocumentException("Policy document must contain resources.")
		}
	}
	if !bypass && !slices.ContainsFunc(document.Statements, letsChange) {
		return kmsapi.NewMalformedPolicyDocumentException("The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}

// letsChange reports whether a statement allows somebody to put another policy.
func letsChange(s policy.Statement) bool {
	const action = "kms:putkeypolicy"
	return s.Effect == policy.Allow && (len(s.NotAction) > 0 || slices.ContainsFunc(s.Action, func(a string) bool {
		prefix, open := strings.CutSuffix(strings.ToLower(a), "*")
		return prefix == action || open && strings.HasPrefix(action, prefix)
	}))
}
