package secretsmanager

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// ErrNotFound indicates that a reference names no secret, version or JSON key.
var ErrNotFound = errors.New("not found")

// Resolve returns the value that a task definition's valueFrom refers to: a
// secret's name or ARN, optionally followed by a JSON key, a staging label and
// a version ID, each behind a colon and each possibly empty:
//
//	arn:aws:secretsmanager:us-east-1:000000000000:secret:app-x1y2z3:password::
func Resolve(r store.Reader, env service.Env, scope arn.Scope, valueFrom string) (string, error) {
	ref, err := parseReference(scope, valueFrom)
	if err != nil {
		return "", fmt.Errorf("resolve secret %s: %w", valueFrom, err)
	}
	text, err := ref.resolve(r, env, scope)
	if err != nil {
		return "", fmt.Errorf("resolve secret %s: %w", valueFrom, err)
	}
	return text, nil
}

// ReferredARN returns the ARN of the secret that a valueFrom refers to; without its
// suffix if the valueFrom has none.
func ReferredARN(scope arn.Scope, valueFrom string) string {
	ref, err := parseReference(scope, valueFrom)
	switch {
	case err != nil:
		return valueFrom
	case strings.HasPrefix(ref.secret, "arn:"):
		return ref.secret
	}
	return scope.ARN("secretsmanager", "secret:"+ref.secret)
}

// A reference is a valueFrom taken apart.
type reference struct{ secret, key, stage, version string }

// parseReference splits at the colons behind the secret; names have none.
func parseReference(scope arn.Scope, s string) (reference, error) {
	head := ""
	if strings.HasPrefix(s, "arn:") {
		head = scope.ARN("secretsmanager", "secret:")
		if !strings.HasPrefix(s, head) {
			return reference{}, errors.New("not a secret of this account and region")
		}
	}
	parts := strings.Split(s[len(head):], ":")
	if len(parts) > 4 || parts[0] == "" {
		return reference{}, errors.New("want secret[:json-key[:version-stage[:version-id]]]")
	}
	parts = append(parts, "", "", "")
	return reference{head + parts[0], parts[1], parts[2], parts[3]}, nil
}

func (ref reference) resolve(r store.Reader, env service.Env, scope arn.Scope) (string, error) {
	secret, ok := lookup(r, scope, ref.secret)
	if !ok {
		return "", fmt.Errorf("secret %s: %w", ref.secret, ErrNotFound)
	}
	if !secret.Spec.Deleted.IsZero() {
		return "", fmt.Errorf("secret %s: marked for deletion", secret.Spec.Name)
	}
	v, err := choose(&secret.Spec, optional(ref.version), optional(ref.stage))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	content, err := openVersion(r, env, &secret, v)
	if err != nil {
		return "", err
	}
	if ref.key == "" {
		return string(content.content), nil
	}
	return jsonMember(content.content, ref.key)
}

// jsonMember returns one member of a JSON object: a string's text, anything
// else as it is written. Faults show nothing of the value.
func jsonMember(content []byte, key string) (string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(content, &object); err != nil {
		return "", fmt.Errorf("key %s: the secret's value is no JSON object", key)
	}
	raw, ok := object[key]
	if !ok {
		return "", fmt.Errorf("key %s: %w", key, ErrNotFound)
	}
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		return text, nil
	}
	return string(bytes.TrimSpace(raw)), nil
}

// MayOpen asks whether the user may use the KMS key of what a valueFrom refers to.
// Of a reference to nothing it says nothing.
func MayOpen(r store.Reader, env service.Env, who kms.User, valueFrom string) error {
	ref, err := parseReference(who.Scope, valueFrom)
	if err != nil {
		return nil
	}
	secret, ok := lookup(r, who.Scope, ref.secret)
	if !ok {
		return nil
	}
	v, err := choose(&secret.Spec, optional(ref.version), optional(ref.stage))
	if err != nil {
		return nil
	}
	return mayOpen(r, env, who, &secret, v)
}
