package ssm

import (
	"encoding/base64"
	"fmt"
	"strings"

	"apex/internal/api/ssmapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/kms"
	"apex/internal/store"
)

// defaultKey encrypts SecureStrings for which no other key is named.
const defaultKey = "alias/aws/ssm"

// contextOf is the encryption context of a parameter's value, as AWS has it.
func contextOf(p *Parameter) map[string]string {
	return map[string]string{"PARAMETER_ARN": p.ARN()}
}

// hold puts a value into a version: as it is, or encrypted if the user may.
func (v *Version) hold(r store.Reader, env service.Env, who kms.User, p *Parameter, value string) (err error) {
	if v.Type != ssmapi.ParameterTypeSecureString {
		v.Value = value
		return nil
	}
	scope, _ := arn.SplitKey(p.Key)
	if _, err := kms.Usable(r, env, scope, v.KeyID); err != nil {
		return ssmapi.NewInvalidKeyId("%s: %v", v.KeyID, err)
	}
	action := "kms:Encrypt"
	if v.Tier == advanced {
		action = "kms:GenerateDataKey"
	}
	if err := who.May(r, env, action, v.KeyID, contextOf(p)); err != nil {
		return err
	}
	v.Sealed, err = kms.Encrypt(r, env, scope, v.KeyID, []byte(value), contextOf(p))
	if err != nil {
		return ssmapi.NewInvalidKeyId("%s: %v", v.KeyID, err)
	}
	return nil
}

// show returns a version's value; a SecureString's stays encrypted unless it is
// to be decrypted.
func (v *Version) show(r store.Reader, env service.Env, p *Parameter, decrypt bool) (string, error) {
	switch {
	case v.Type != ssmapi.ParameterTypeSecureString:
		return v.Value, nil
	case !decrypt:
		return base64.StdEncoding.EncodeToString(v.Sealed), nil
	}
	scope, _ := arn.SplitKey(p.Key)
	plain, err := kms.Decrypt(r, env, scope, v.Sealed, contextOf(p))
	if err != nil {
		return "", ssmapi.NewInvalidKeyId("%s: %v", v.KeyID, err)
	}
	return string(plain), nil
}

// mayShow asks whether the user may decrypt a version, if that is wanted.
func (v *Version) mayShow(r store.Reader, env service.Env, who kms.User, p *Parameter, decrypt bool) error {
	if v.Type != ssmapi.ParameterTypeSecureString || !decrypt {
		return nil
	}
	key, err := kms.KeyOf(r, who.Scope, v.Sealed)
	if err != nil {
		return ssmapi.NewInvalidKeyId("%s: %v", v.KeyID, err)
	}
	return who.May(r, env, "kms:Decrypt", key, contextOf(p))
}

// Exists reports whether a name, with or without a version or label, is that of a
// parameter.
func Exists(r store.Reader, scope arn.Scope, name string) bool {
	_, _, _, err := find(r, scope, name)
	return err == nil
}

// Referred returns the ARN of the parameter that a valueFrom refers to, and the
// key that its value is encrypted under, or nothing for one that is not secret.
func Referred(r store.Reader, scope arn.Scope, valueFrom string) (name, key string) {
	p, v, _, err := find(r, scope, valueFrom)
	if err != nil {
		bare, _ := split(scope, valueFrom)
		return scope.ARN(signingName, "parameter/"+strings.TrimPrefix(bare, "/")), ""
	}
	return p.ARN(), v.KeyID
}

// Resolve returns the value that a task definition's valueFrom refers to: a
// parameter's name or ARN, with a version or label behind a colon if wanted.
func Resolve(r store.Reader, env service.Env, scope arn.Scope, valueFrom string) (string, error) {
	p, v, _, err := find(r, scope, valueFrom)
	if err != nil {
		return "", fmt.Errorf("resolve parameter %s: %w", valueFrom, err)
	}
	value, err := v.show(r, env, &p, true)
	if err != nil {
		return "", fmt.Errorf("resolve parameter %s: %w", valueFrom, err)
	}
	return value, nil
}
