package cloudfront

import (
	"time"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

// managedSince is when AWS's own policies were changed last, as far as anyone asks.
var managedSince = time.Date(2022, 6, 1, 0, 0, 0, 0, time.UTC)

// managedETag is the version of all of AWS's own policies.
const managedETag = "E23ZP02F085DFQ"

func managedItem[C any](id string, config C) Item[C] {
	return Item[C]{Key: id, Spec: Spec[C]{Config: config, ETag: managedETag, CreatedAt: managedSince, ModifiedAt: managedSince}}
}

func names(items []string) (*int64, []string) { return api.Ptr(int64(len(items))), items }

// A picking says which headers, cookies or query strings a policy takes.
type picking struct {
	behavior string
	items    []string
}

var (
	nothing    = picking{behavior: "none"}
	everything = picking{behavior: "all"}
)

func only(items ...string) picking { return picking{"whitelist", items} }

// managedCachePolicies are AWS's own, with their ids (CloudFront Developer Guide,
// "Use managed cache policies").
func managedCachePolicies() []Item[cf.CachePolicyConfig] {
	const day, year = 86400, 31536000
	override := only("host", "origin", "x-http-method", "x-http-method-override", "x-method-override")
	return []Item[cf.CachePolicyConfig]{
		cachePolicy("2e54312d-136d-493c-8eb9-b001f22f67d2", "Amplify", [3]int64{2, 2, 600}, true, true, only("Authorization", "CloudFront-Viewer-Country", "Host"), everything, everything),
		cachePolicy("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled", [3]int64{0, 0, 0}, false, false, nothing, nothing, nothing),
		cachePolicy("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized", [3]int64{1, day, year}, true, true, nothing, nothing, nothing),
		cachePolicy("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects", [3]int64{1, day, year}, false, false, nothing, nothing, nothing),
		cachePolicy("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage", [3]int64{0, day, year}, true, false, only("origin"), nothing, only("aws.manifestfilter", "start", "end", "m")),
		cachePolicy("83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders", [3]int64{0, 0, year}, true, true, override, everything, nothing),
		cachePolicy("4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings", [3]int64{0, 0, year}, true, true, override, everything, everything),
	}
}

// cachePolicy makes one; ttl are the least, default and largest.
func cachePolicy(id, name string, ttl [3]int64, gzip, brotli bool, headers, cookies, queries picking) Item[cf.CachePolicyConfig] {
	config := cf.CachePolicyConfig{
		Name: api.Ptr("Managed-" + name), Comment: api.Ptr(""), MinTTL: &ttl[0], DefaultTTL: &ttl[1], MaxTTL: &ttl[2],
		ParametersInCacheKeyAndForwardedToOrigin: &cf.ParametersInCacheKeyAndForwardedToOrigin{
			EnableAcceptEncodingGzip: &gzip, EnableAcceptEncodingBrotli: &brotli,
			HeadersConfig:      &cf.CachePolicyHeadersConfig{HeaderBehavior: &headers.behavior, Headers: headersOf(headers)},
			CookiesConfig:      &cf.CachePolicyCookiesConfig{CookieBehavior: &cookies.behavior, Cookies: cookiesOf(cookies)},
			QueryStringsConfig: &cf.CachePolicyQueryStringsConfig{QueryStringBehavior: &queries.behavior, QueryStrings: queriesOf(queries)},
		},
	}
	return managedItem(id, config)
}

func headersOf(p picking) *cf.Headers {
	if p.items == nil {
		return nil
	}
	n, items := names(p.items)
	return &cf.Headers{Quantity: n, Items: items}
}

func cookiesOf(p picking) *cf.CookieNames {
	if p.items == nil {
		return nil
	}
	n, items := names(p.items)
	return &cf.CookieNames{Quantity: n, Items: items}
}

func queriesOf(p picking) *cf.QueryStringNames {
	if p.items == nil {
		return nil
	}
	n, items := names(p.items)
	return &cf.QueryStringNames{Quantity: n, Items: items}
}

// managedRequestPolicies are AWS's own, with their ids ("Use managed origin
// request policies").
func managedRequestPolicies() []Item[cf.OriginRequestPolicyConfig] {
	cors := only("origin", "access-control-request-headers", "access-control-request-method")
	tailor := only("origin", "access-control-request-headers", "access-control-request-method", "user-agent", "x-forwarded-for")
	edge := picking{"allViewerAndWhitelistCloudFront", []string{
		"CloudFront-Forwarded-Proto", "CloudFront-Is-Android-Viewer", "CloudFront-Is-Desktop-Viewer", "CloudFront-Is-IOS-Viewer",
		"CloudFront-Is-Mobile-Viewer", "CloudFront-Is-SmartTV-Viewer", "CloudFront-Is-Tablet-Viewer", "CloudFront-Viewer-Address",
		"CloudFront-Viewer-ASN", "CloudFront-Viewer-City", "CloudFront-Viewer-Country", "CloudFront-Viewer-Country-Name",
		"CloudFront-Viewer-Country-Region", "CloudFront-Viewer-Country-Region-Name", "CloudFront-Viewer-Http-Version",
		"CloudFront-Viewer-Latitude", "CloudFront-Viewer-Longitude", "CloudFront-Viewer-Metro-Code", "CloudFront-Viewer-Postal-Code",
		"CloudFront-Viewer-Time-Zone", "CloudFront-Viewer-TLS",
	}}
	return []Item[cf.OriginRequestPolicyConfig]{
		requestPolicy("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer", picking{behavior: "allViewer"}, everything, everything),
		requestPolicy("33f36d7e-f396-46d9-90e0-52428a34d9dc", "AllViewerAndCloudFrontHeaders-2022-06", edge, everything, everything),
		requestPolicy("b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader", picking{"allExcept", []string{"Host"}}, everything, everything),
		requestPolicy("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin", only("origin"), nothing, nothing),
		requestPolicy("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin", cors, nothing, nothing),
		requestPolicy("775133bc-15f2-49f9-abea-afb2e0bf67d2", "Elemental-MediaTailor-PersonalizedManifests", tailor, nothing, everything),
		requestPolicy("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly", only("Host"), nothing, nothing),
		requestPolicy("acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders", only("user-agent", "referer"), nothing, nothing),
	}
}

func requestPolicy(id, name string, headers, cookies, queries picking) Item[cf.OriginRequestPolicyConfig] {
	return managedItem(id, cf.OriginRequestPolicyConfig{
		Name: api.Ptr("Managed-" + name), Comment: api.Ptr(""),
		HeadersConfig:      &cf.OriginRequestPolicyHeadersConfig{HeaderBehavior: &headers.behavior, Headers: headersOf(headers)},
		CookiesConfig:      &cf.OriginRequestPolicyCookiesConfig{CookieBehavior: &cookies.behavior, Cookies: cookiesOf(cookies)},
		QueryStringsConfig: &cf.OriginRequestPolicyQueryStringsConfig{QueryStringBehavior: &queries.behavior, QueryStrings: queriesOf(queries)},
	})
}

// managedHeaderPolicies are AWS's own, with their ids ("Use managed response
// headers policies").
func managedHeaderPolicies() []Item[cf.ResponseHeadersPolicyConfig] {
	return []Item[cf.ResponseHeadersPolicyConfig]{
		headerPolicy("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS", cors("GET"), nil),
		headerPolicy("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight", preflight(), nil),
		headerPolicy("67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy", nil, security()),
		headerPolicy("e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy", cors("GET"), security()),
		headerPolicy("eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy", preflight(), security()),
	}
}

func headerPolicy(id, name string, cors *cf.ResponseHeadersPolicyCorsConfig, security *cf.ResponseHeadersPolicySecurityHeadersConfig) Item[cf.ResponseHeadersPolicyConfig] {
	return managedItem(id, cf.ResponseHeadersPolicyConfig{Name: api.Ptr("Managed-" + name), Comment: api.Ptr(""), CorsConfig: cors, SecurityHeadersConfig: security})
}

func cors(methods ...string) *cf.ResponseHeadersPolicyCorsConfig {
	one, star := api.Ptr[int64](1), []string{"*"}
	return &cf.ResponseHeadersPolicyCorsConfig{
		AccessControlAllowOrigins:     &cf.ResponseHeadersPolicyAccessControlAllowOrigins{Quantity: one, Items: star},
		AccessControlAllowHeaders:     &cf.ResponseHeadersPolicyAccessControlAllowHeaders{Quantity: one, Items: star},
		AccessControlAllowMethods:     &cf.ResponseHeadersPolicyAccessControlAllowMethods{Quantity: api.Ptr(int64(len(methods))), Items: methods},
		AccessControlAllowCredentials: api.Ptr(false), OriginOverride: api.Ptr(false),
	}
}

func preflight() *cf.ResponseHeadersPolicyCorsConfig {
	c := cors("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")
	c.AccessControlExposeHeaders = &cf.ResponseHeadersPolicyAccessControlExposeHeaders{Quantity: api.Ptr[int64](1), Items: []string{"*"}}
	return c
}

func security() *cf.ResponseHeadersPolicySecurityHeadersConfig {
	yes, no := api.Ptr(true), api.Ptr(false)
	return &cf.ResponseHeadersPolicySecurityHeadersConfig{
		XSSProtection:           &cf.ResponseHeadersPolicyXSSProtection{Override: no, Protection: yes, ModeBlock: yes},
		FrameOptions:            &cf.ResponseHeadersPolicyFrameOptions{Override: no, FrameOption: api.Ptr("SAMEORIGIN")},
		ReferrerPolicy:          &cf.ResponseHeadersPolicyReferrerPolicy{Override: no, ReferrerPolicy: api.Ptr("strict-origin-when-cross-origin")},
		ContentTypeOptions:      &cf.ResponseHeadersPolicyContentTypeOptions{Override: yes},
		StrictTransportSecurity: &cf.ResponseHeadersPolicyStrictTransportSecurity{Override: no, AccessControlMaxAgeSec: api.Ptr[int64](31536000)},
	}
}
