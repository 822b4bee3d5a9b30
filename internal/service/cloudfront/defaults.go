package cloudfront

import (
	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

// orNew fills in a value where the caller gave none.
func orNew[T any](p **T, value T) {
	if *p == nil {
		*p = &value
	}
}

// fillDefaults adds what CloudFront fills into a distribution's configuration.
func fillDefaults(c *cf.DistributionConfig) {
	none := api.Ptr[int64](0)
	orNew(&c.Aliases, cf.Aliases{Quantity: none})
	orNew(&c.DefaultRootObject, "")
	orNew(&c.OriginGroups, cf.OriginGroups{Quantity: none})
	orNew(&c.CacheBehaviors, cf.CacheBehaviors{Quantity: none})
	orNew(&c.CustomErrorResponses, cf.CustomErrorResponses{Quantity: none})
	orNew(&c.Logging, cf.LoggingConfig{Enabled: api.Ptr(false), IncludeCookies: api.Ptr(false), Bucket: api.Ptr(""), Prefix: api.Ptr("")})
	orNew(&c.PriceClass, cf.PriceClassPriceClassAll)
	orNew(&c.WebACLId, "")
	orNew(&c.HttpVersion, cf.HttpVersionHttp2)
	orNew(&c.IsIPV6Enabled, true)
	orNew(&c.ContinuousDeploymentPolicyId, "")
	orNew(&c.Staging, false)
	orNew(&c.Restrictions, cf.Restrictions{GeoRestriction: &cf.GeoRestriction{RestrictionType: api.Ptr(cf.GeoRestrictionTypeNone), Quantity: none}})
	fillCertificate(c)
	for i := range c.Origins.Items {
		fillOrigin(&c.Origins.Items[i])
	}
	all := behaviorsOf(c)
	fillBehavior(&all[0])
	setDefaultBehavior(c.DefaultCacheBehavior, &all[0])
	for i := range c.CacheBehaviors.Items {
		fillBehavior(&c.CacheBehaviors.Items[i])
	}
}

func fillCertificate(c *cf.DistributionConfig) {
	orNew(&c.ViewerCertificate, cf.ViewerCertificate{CloudFrontDefaultCertificate: api.Ptr(true)})
	v := c.ViewerCertificate
	orNew(&v.CloudFrontDefaultCertificate, false)
	switch {
	case *v.CloudFrontDefaultCertificate:
		v.MinimumProtocolVersion, v.SSLSupportMethod = api.Ptr(cf.MinimumProtocolVersionTlsv1), api.Ptr(cf.SSLSupportMethodVip)
		v.CertificateSource = api.Ptr(cf.CertificateSourceCloudfront)
	case v.ACMCertificateArn != nil:
		v.Certificate, v.CertificateSource = v.ACMCertificateArn, api.Ptr(cf.CertificateSourceAcm)
	case v.IAMCertificateId != nil:
		v.Certificate, v.CertificateSource = v.IAMCertificateId, api.Ptr(cf.CertificateSourceIam)
	}
}

func fillOrigin(o *cf.Origin) {
	orNew(&o.OriginPath, "")
	orNew(&o.CustomHeaders, cf.CustomHeaders{Quantity: api.Ptr[int64](0)})
	orNew(&o.ConnectionAttempts, 3)
	orNew(&o.ConnectionTimeout, 10)
	orNew(&o.OriginShield, cf.OriginShield{Enabled: api.Ptr(false)})
	orNew(&o.OriginAccessControlId, "")
	if custom := o.CustomOriginConfig; custom != nil {
		orNew(&custom.OriginReadTimeout, 30)
		orNew(&custom.OriginKeepaliveTimeout, 5)
		orNew(&custom.OriginSslProtocols, cf.OriginSslProtocols{Quantity: api.Ptr[int64](3), Items: []string{cf.SslProtocolTlsv1, cf.SslProtocolTlsv11, cf.SslProtocolTlsv12}})
	}
}

func fillBehavior(b *cf.CacheBehavior) {
	none := api.Ptr[int64](0)
	read := []string{cf.MethodHead, cf.MethodGet}
	for _, id := range []**string{&b.CachePolicyId, &b.OriginRequestPolicyId, &b.ResponseHeadersPolicyId, &b.RealtimeLogConfigArn} {
		if api.Val(*id) == "" {
			*id = nil // some clients send what is absent as empty
		}
	}
	orNew(&b.TrustedSigners, cf.TrustedSigners{Enabled: api.Ptr(false), Quantity: none})
	orNew(&b.TrustedKeyGroups, cf.TrustedKeyGroups{Enabled: api.Ptr(false), Quantity: none})
	orNew(&b.AllowedMethods, cf.AllowedMethods{Quantity: api.Ptr[int64](2), Items: read})
	orNew(&b.AllowedMethods.CachedMethods, cf.CachedMethods{Quantity: api.Ptr[int64](2), Items: read})
	orNew(&b.SmoothStreaming, false)
	orNew(&b.Compress, false)
	orNew(&b.LambdaFunctionAssociations, cf.LambdaFunctionAssociations{Quantity: none})
	orNew(&b.FunctionAssociations, cf.FunctionAssociations{Quantity: none})
	orNew(&b.FieldLevelEncryptionId, "")
	orNew(&b.GrpcConfig, cf.GrpcConfig{Enabled: api.Ptr(false)})
	if b.ForwardedValues != nil {
		orNew(&b.MinTTL, 0)
		orNew(&b.DefaultTTL, 86400)
		orNew(&b.MaxTTL, 31536000)
		orNew(&b.ForwardedValues.Headers, cf.Headers{Quantity: none})
		orNew(&b.ForwardedValues.QueryStringCacheKeys, cf.QueryStringCacheKeys{Quantity: none})
	}
}
