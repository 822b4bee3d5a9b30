package iam

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"apex/internal/api"
	"apex/internal/seal"
	"apex/internal/service/iam/policy"
)

// A denial is what a caller was not allowed, and why.
type denial struct {
	who, action, resource string
	decision              policy.Decision
}

// String says it as AWS does (IAM user guide, Troubleshoot access denied errors).
func (d denial) String() string {
	return "User: " + d.who + " is not authorized to perform: " + d.action + " on resource: " + d.resource + " " + d.because()
}

func (d denial) because() string {
	switch kind := string(d.decision.Kind); {
	case d.decision.Kind == policy.OfResource && strings.HasPrefix(d.action, "sts:") && d.decision.Explicit:
		return "with an explicit deny in the role trust policy"
	case d.decision.Kind == policy.OfResource && strings.HasPrefix(d.action, "sts:"):
		return "because no role trust policy allows the " + d.action + " action"
	case d.decision.Explicit && d.decision.Kind == policy.OfIdentity:
		return "with an explicit deny in an " + kind
	case d.decision.Explicit:
		return "with an explicit deny in a " + kind
	default:
		return "because no " + kind + " allows the " + d.action + " action"
	}
}

// refuse puts a denial into the code and words of the service's protocol.
func (s *Service) refuse(call *api.Call, d denial) error {
	switch call.Route.Service.Protocol {
	case api.EC2Query:
		return api.Errorf("UnauthorizedOperation", http.StatusForbidden,
			"You are not authorized to perform this operation. %s. Encoded authorization failure message: %s", d, s.encode(call, d))
	case api.JSON, api.RPCv2CBOR:
		return accessDenied(d)
	case api.RestJSON:
		return api.Errorf("AccessDeniedException", http.StatusForbidden, "%s", d)
	}
	if call.Route.Service.SigningName == "s3" {
		d.resource = `"` + d.resource + `"`
	}
	return api.Errorf("AccessDenied", http.StatusForbidden, "%s", d)
}

// authorizationMessage binds encoded messages to their use.
const authorizationMessage = "authorization message"

// A failure is what DecodeAuthorizationMessage tells of a denial (API
// DecodeAuthorizationMessage).
type failure struct {
	Allowed      bool        `json:"allowed"`
	ExplicitDeny bool        `json:"explicitDeny"`
	Matched      failedItems `json:"matchedStatements"`
	Failures     failedItems `json:"failures"`
	Context      failedCall  `json:"context"`
}

type failedItems struct {
	Items []map[string]string `json:"items"`
}

type failedCall struct {
	Principal struct {
		ID  string `json:"id"`
		ARN string `json:"arn"`
	} `json:"principal"`
	Action     string      `json:"action"`
	Resource   string      `json:"resource"`
	Conditions failedItems `json:"conditions"`
}

// encode seals what a denial was decided by, for who may call
// DecodeAuthorizationMessage.
func (s *Service) encode(call *api.Call, d denial) string {
	f := failure{ExplicitDeny: d.decision.Explicit, Matched: failedItems{[]map[string]string{}}, Failures: failedItems{[]map[string]string{}}}
	if by := d.decision.By; by != nil {
		f.Matched.Items = append(f.Matched.Items, map[string]string{
			"statementId": by.Policy.Statements[by.Statement].SID, "effect": "DENY", "policy": by.Policy.Name,
		})
	}
	f.Context.Action, f.Context.Resource = d.action, d.resource
	f.Context.Principal.ARN, f.Context.Principal.ID = d.who, call.Principal.ID
	f.Context.Conditions.Items = []map[string]string{}
	text, err := json.Marshal(f)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(s.sealer.Seal(text, []byte(authorizationMessage)))
}

// Decode opens a message that a denial was answered with.
func Decode(sealer *seal.Sealer, message string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(message)
	if err != nil {
		return "", errors.New("decode authorization message: not in base 64")
	}
	text, err := sealer.Open(sealed, []byte(authorizationMessage))
	return string(text), err
}
