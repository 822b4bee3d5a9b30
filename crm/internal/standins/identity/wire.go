package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

const maxBody = 64 << 10

// A call is the body of any of the service's operations; each uses some members.
type call struct {
	Email             string `json:"email"`
	Password          string `json:"password"`
	DisplayName       string `json:"displayName"`
	IDToken           string `json:"idToken"`
	ProviderID        string `json:"providerId"`
	ContinueURI       string `json:"continueUri"`
	SessionID         string `json:"sessionId"`
	RequestURI        string `json:"requestUri"`
	RequestType       string `json:"requestType"`
	OobCode           string `json:"oobCode"`
	NewPassword       string `json:"newPassword"`
	ContinueURL       string `json:"continueUrl"`
	ReturnSecureToken bool   `json:"returnSecureToken"`
}

// refusal is an error that the caller is told, in the service's own words.
type refusal string

func (r refusal) Error() string { return string(r) }

// The refusals that clients tell apart.
const (
	emailExists     refusal = "EMAIL_EXISTS"
	invalidEmail    refusal = "INVALID_EMAIL"
	missingEmail    refusal = "MISSING_EMAIL"
	weakPassword    refusal = "WEAK_PASSWORD : Password should be at least 6 characters"
	noPassword      refusal = "MISSING_PASSWORD"
	badCredentials  refusal = "INVALID_LOGIN_CREDENTIALS"
	notAllowed      refusal = "OPERATION_NOT_ALLOWED"
	badToken        refusal = "INVALID_ID_TOKEN"
	expiredToken    refusal = "TOKEN_EXPIRED"
	badRefresh      refusal = "INVALID_REFRESH_TOKEN"
	badGrant        refusal = "INVALID_GRANT_TYPE"
	badIdp          refusal = "INVALID_IDP_RESPONSE : the request URI is no answer to this session"
	missingContinue refusal = "MISSING_CONTINUE_URI"
	badContinue     refusal = "INVALID_CONTINUE_URI"
	badCode         refusal = "INVALID_OOB_CODE"
	badRequestType  refusal = "INVALID_REQ_TYPE"
	badBody         refusal = "INVALID_ARGUMENT : the body is not JSON"
)

// operation reads a call and answers what fn makes of it. Members that the
// stand-in does not know are passed over, as clients send many.
func operation(fn func(context.Context, call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c call
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&c) != nil {
			fail(w, badBody)
			return
		}
		answer, err := fn(r.Context(), c)
		if err != nil {
			fail(w, err)
			return
		}
		send(w, http.StatusOK, answer)
	})
}

func fail(w http.ResponseWriter, err error) {
	type one struct {
		Message string `json:"message"`
		Domain  string `json:"domain"`
		Reason  string `json:"reason"`
	}
	status, message := http.StatusInternalServerError, "INTERNAL : "+err.Error()
	if r, ok := errors.AsType[refusal](err); ok {
		status, message = http.StatusBadRequest, string(r)
	}
	send(w, status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "errors": []one{{message, "global", "invalid"}},
	}})
}

func send(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		status, encoded = http.StatusInternalServerError, fmt.Appendf(nil, "%q", err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	w.Write(encoded) // the caller may be gone
}
