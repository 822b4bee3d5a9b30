package cloudfront

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/arn"
	"apex/internal/service/acm"
	"apex/internal/store"
)

// checkDistribution refuses a configuration that CloudFront would, and fills in
// the rest of one that it would take.
func (k *kinds) checkDistribution(r store.Reader, call *api.Call, id string, c *cf.DistributionConfig) error {
	if err := checkQuantities(reflect.ValueOf(c).Elem()); err != nil {
		return err
	}
	if strings.HasPrefix(api.Val(c.DefaultRootObject), "/") {
		return cf.NewInvalidDefaultRootObject("The default root object must not begin with a slash.")
	}
	for _, check := range []func(store.Reader, *api.Call, *cf.DistributionConfig) error{k.checkOrigins, k.checkBehaviors, checkCertificate, checkWebACL} {
		if err := check(r, call, c); err != nil {
			return err
		}
	}
	if err := checkAliases(r, id, c); err != nil {
		return err
	}
	fillDefaults(c)
	return nil
}

// checkQuantities wants every Quantity to be how many Items there are.
func checkQuantities(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return checkQuantities(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkQuantities(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		quantity, items := v.FieldByName("Quantity"), v.FieldByName("Items")
		if quantity.IsValid() && items.IsValid() && !quantity.IsNil() && quantity.Elem().Int() != int64(items.Len()) {
			return cf.NewInconsistentQuantities("The value of Quantity and the size of Items don't match in %s: %d and %d.", v.Type().Name(), quantity.Elem().Int(), items.Len())
		}
		for i := range v.NumField() {
			if err := checkQuantities(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *kinds) checkOrigins(r store.Reader, call *api.Call, c *cf.DistributionConfig) error {
	seen := map[string]bool{}
	for i := range c.Origins.Items {
		o := &c.Origins.Items[i]
		path := api.Val(o.OriginPath)
		switch {
		case seen[*o.Id]:
			return cf.NewInvalidArgument("The origin ID %s is not unique.", *o.Id)
		case o.VpcOriginConfig != nil:
			return cf.NewInvalidArgument("VpcOriginConfig: VPC origins are not built")
		case (o.S3OriginConfig == nil) == (o.CustomOriginConfig == nil):
			return cf.NewInvalidOrigin("The origin %s must have either an S3OriginConfig or a CustomOriginConfig.", *o.Id)
		case path != "" && (!strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/")):
			return cf.NewInvalidArgument("The parameter OriginPath must begin with a slash and not end with one.")
		}
		seen[*o.Id] = true
		if err := k.checkAccess(r, call, o); err != nil {
			return err
		}
	}
	return nil
}

// checkAccess wants an origin's access control or identity to exist.
func (k *kinds) checkAccess(r store.Reader, call *api.Call, o *cf.Origin) error {
	identity := ""
	if o.S3OriginConfig != nil {
		identity = *o.S3OriginConfig.OriginAccessIdentity
	}
	control := api.Val(o.OriginAccessControlId)
	if control != "" && identity != "" {
		return cf.NewIllegalOriginAccessConfiguration("The origin %s cannot have an origin access control and an origin access identity.", *o.Id)
	}
	if control != "" {
		if _, err := k.accessControls.get(r, call, &control); err != nil {
			return cf.NewInvalidOriginAccessControl("The origin access control %s does not exist.", control)
		}
	}
	if identity != "" {
		id, ok := strings.CutPrefix(identity, identityPath)
		if _, err := k.identities.get(r, call, &id); !ok || err != nil {
			return cf.NewInvalidOriginAccessIdentity("The specified origin access identity does not exist or is not valid: %s", identity)
		}
	}
	return nil
}

func (k *kinds) checkBehaviors(r store.Reader, call *api.Call, c *cf.DistributionConfig) error {
	var targets []string
	for _, o := range c.Origins.Items {
		targets = append(targets, *o.Id)
	}
	if c.OriginGroups != nil {
		for _, g := range c.OriginGroups.Items {
			targets = append(targets, *g.Id)
		}
	}
	for _, b := range behaviorsOf(c) {
		if !slices.Contains(targets, *b.TargetOriginId) {
			return cf.NewNoSuchOrigin("One or more of your origins or origin groups do not exist: %s", *b.TargetOriginId)
		}
		policy := api.Val(b.CachePolicyId) != ""
		switch {
		case !policy && b.ForwardedValues == nil:
			return cf.NewInvalidArgument("The parameter ForwardedValues is required.")
		case policy && b.ForwardedValues != nil:
			return cf.NewInvalidArgument("The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior.")
		case b.ForwardedValues != nil && api.Or(b.MinTTL, 0) > api.Or(b.MaxTTL, 31536000):
			return cf.NewInvalidTTLOrder("The order of MinTTL, DefaultTTL and MaxTTL is not valid.")
		}
		if err := k.checkReferences(r, call, &b); err != nil {
			return err
		}
	}
	return nil
}

// checkReferences wants what a behaviour names to exist.
func (k *kinds) checkReferences(r store.Reader, call *api.Call, b *cf.CacheBehavior) error {
	for id, find := range map[*string]func(*string) error{
		b.CachePolicyId:           func(id *string) error { _, err := k.cachePolicies.get(r, call, id); return err },
		b.OriginRequestPolicyId:   func(id *string) error { _, err := k.requestPolicies.get(r, call, id); return err },
		b.ResponseHeadersPolicyId: func(id *string) error { _, err := k.headerPolicies.get(r, call, id); return err },
	} {
		if api.Val(id) == "" {
			continue
		}
		if err := find(id); err != nil {
			return err
		}
	}
	if b.TrustedKeyGroups != nil {
		for _, id := range b.TrustedKeyGroups.Items {
			if _, err := k.keyGroups.get(r, call, &id); err != nil {
				return cf.NewTrustedKeyGroupDoesNotExist("The key group %s does not exist.", id)
			}
		}
	}
	if b.LambdaFunctionAssociations != nil && len(b.LambdaFunctionAssociations.Items) > 0 {
		return cf.NewInvalidLambdaFunctionAssociation("Lambda@Edge is not built")
	}
	if b.FunctionAssociations == nil {
		return nil
	}
	for _, f := range b.FunctionAssociations.Items {
		name := (*f.FunctionARN)[strings.LastIndexByte(*f.FunctionARN, '/')+1:]
		found, err := k.functions.get(r, call, &name)
		if err != nil || arnOf(call, "function", name) != *f.FunctionARN || found.Spec.Config.Live == nil {
			return cf.NewInvalidFunctionAssociation("The function %s does not exist in the stage LIVE.", *f.FunctionARN)
		}
	}
	return nil
}

func checkCertificate(r store.Reader, call *api.Call, c *cf.DistributionConfig) error {
	v := c.ViewerCertificate
	own := v != nil && (v.ACMCertificateArn != nil || v.IAMCertificateId != nil)
	if !own {
		if c.Aliases != nil && len(c.Aliases.Items) > 0 {
			return cf.NewInvalidViewerCertificate("To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.")
		}
		return nil
	}
	if v.SSLSupportMethod == nil {
		return cf.NewInvalidViewerCertificate("SSLSupportMethod is required with a certificate of your own.")
	}
	if v.ACMCertificateArn == nil {
		return nil
	}
	a, err := arn.Parse(*v.ACMCertificateArn)
	found, ok := acm.Lookup(r, *v.ACMCertificateArn)
	if err != nil || !ok || a.Region != "us-east-1" || found.Material() == nil {
		return cf.NewInvalidViewerCertificate("The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain: %s", *v.ACMCertificateArn)
	}
	return nil
}

// checkWebACL wants the ARN of a web ACL whose scope is CLOUDFRONT, or the id of a
// classic one.
func checkWebACL(_ store.Reader, _ *api.Call, c *cf.DistributionConfig) error {
	id := api.Val(c.WebACLId)
	if strings.HasPrefix(id, "arn:") && !strings.Contains(id, ":global/webacl/") {
		return cf.NewInvalidWebACLId("The web ACL %s is not one of the scope CLOUDFRONT.", id)
	}
	return nil
}

// checkAliases refuses a domain name that another distribution has.
func checkAliases(r store.Reader, id string, c *cf.DistributionConfig) error {
	if c.Aliases == nil {
		return nil
	}
	for _, d := range Distributions.All(r) {
		if d.ID() == id {
			continue
		}
		for _, name := range d.Spec.Config.Aliases.Items {
			if slices.Contains(c.Aliases.Items, name) {
				return cf.NewCNAMEAlreadyExists("One or more of the CNAMEs you provided are already associated with a different resource: %s", name)
			}
		}
	}
	return nil
}
