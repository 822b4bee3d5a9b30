package cloudfront

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"reflect"
	"regexp"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/store"
)

func checkCachePolicy(_ store.Reader, _ *api.Call, _ string, c *cf.CachePolicyConfig) error {
	if err := checkQuantities(reflect.ValueOf(c).Elem()); err != nil {
		return err
	}
	orNew(&c.DefaultTTL, max(86400, *c.MinTTL))
	orNew(&c.MaxTTL, max(31536000, *c.MinTTL))
	if *c.MinTTL < 0 || *c.MinTTL > *c.DefaultTTL || *c.DefaultTTL > *c.MaxTTL {
		return cf.NewInvalidArgument("The order of MinTTL, DefaultTTL and MaxTTL is not valid: %d, %d, %d.", *c.MinTTL, *c.DefaultTTL, *c.MaxTTL)
	}
	return nil
}

func checkRequestPolicy(_ store.Reader, _ *api.Call, _ string, c *cf.OriginRequestPolicyConfig) error {
	return checkQuantities(reflect.ValueOf(c).Elem())
}

func checkHeaderPolicy(_ store.Reader, _ *api.Call, _ string, c *cf.ResponseHeadersPolicyConfig) error {
	if c.CorsConfig == nil && c.SecurityHeadersConfig == nil && c.CustomHeadersConfig == nil && c.ServerTimingHeadersConfig == nil && c.RemoveHeadersConfig == nil {
		return cf.NewInvalidArgument("A response headers policy must have at least one configuration.")
	}
	return checkQuantities(reflect.ValueOf(c).Elem())
}

// functionName is what functions may be called.
var functionName = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

// largestFunction is in bytes.
const largestFunction = 10 << 10

func checkFunction(_ store.Reader, _ *api.Call, name string, f *Function) error {
	switch {
	case !functionName.MatchString(name):
		return cf.NewInvalidArgument("The function name %s is not valid.", name)
	case len(f.Code) > largestFunction:
		return cf.NewFunctionSizeLimitExceeded("The function is larger than %d bytes.", largestFunction)
	case f.Config.KeyValueStoreAssociations != nil && len(f.Config.KeyValueStoreAssociations.Items) > 0:
		return cf.NewInvalidArgument("KeyValueStoreAssociations: key value stores are not built")
	}
	return nil
}

func checkPublicKey(r store.Reader, call *api.Call, id string, c *cf.PublicKeyConfig) error {
	if old, ok := PublicKeys.Get(r, scopeOf(call).Key(id)); ok {
		if was := old.Spec.Config; *was.EncodedKey != *c.EncodedKey || *was.CallerReference != *c.CallerReference || *was.Name != *c.Name {
			return cf.NewCannotChangeImmutablePublicKeyFields("Only the comment of a public key can be changed.")
		}
	}
	block, _ := pem.Decode([]byte(*c.EncodedKey))
	if block == nil {
		return cf.NewInvalidArgument("Your request contains empty/invalid/out of limits RSA Encoded Key")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return cf.NewInvalidArgument("Your request contains empty/invalid/out of limits RSA Encoded Key")
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() == 2048 {
			return nil
		}
	case *ecdsa.PublicKey:
		if key.Params().BitSize == 256 {
			return nil
		}
	}
	return cf.NewInvalidArgument("The public key must be of RSA with 2048 bits or of ECDSA with 256.")
}

func checkKeyGroup(r store.Reader, call *api.Call, _ string, c *cf.KeyGroupConfig) error {
	if len(c.Items) == 0 {
		return cf.NewInvalidArgument("A key group must have at least one public key.")
	}
	for _, id := range c.Items {
		if _, ok := PublicKeys.Get(r, scopeOf(call).Key(id)); !ok {
			return cf.NewInvalidArgument("The public key %s does not exist.", id)
		}
	}
	return nil
}
