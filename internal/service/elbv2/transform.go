package elbv2

import (
	"regexp"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer/route"
)

const (
	maxTransformRegex   = 1024
	maxTransformReplace = 1024
)

// checkTransforms checks what a rule rewrites: at most the host and the URL,
// each by one expression.
func checkTransforms(transforms []elbv2api.RuleTransform) error {
	seen := map[string]bool{}
	for _, t := range transforms {
		kind := api.Val(t.Type)
		if seen[kind] {
			return invalid("A rule can have one transform of type '%s' only", kind)
		}
		seen[kind] = true
		rewrites := rewritesOf(t)
		if len(rewrites) != 1 {
			return invalid("A transform of type '%s' needs one rewrite in the configuration of its type", kind)
		}
		if err := checkRegex(api.Val(rewrites[0].Regex), maxTransformRegex); err != nil {
			return err
		}
		if len(api.Val(rewrites[0].Replace)) > maxTransformReplace {
			return invalid("The replacement of a transform must have at most %d characters", maxTransformReplace)
		}
	}
	return nil
}

func rewritesOf(t elbv2api.RuleTransform) []elbv2api.RewriteConfig {
	switch {
	case api.Val(t.Type) == elbv2api.TransformTypeEnumHostHeaderRewrite && t.HostHeaderRewriteConfig != nil && t.UrlRewriteConfig == nil:
		return t.HostHeaderRewriteConfig.Rewrites
	case api.Val(t.Type) == elbv2api.TransformTypeEnumUrlRewrite && t.UrlRewriteConfig != nil && t.HostHeaderRewriteConfig == nil:
		return t.UrlRewriteConfig.Rewrites
	}
	return nil
}

// checkRegex takes what AWS and RE2 both understand.
func checkRegex(text string, most int) error {
	if text == "" || len(text) > most {
		return invalid("Regular expression '%s' must have 1 to %d characters", text, most)
	}
	if strings.Contains(text, `\p`) || strings.Contains(text, `\P`) {
		return invalid("Regular expression '%s' has a Unicode class, which is not supported", text)
	}
	if _, err := regexp.Compile(text); err != nil {
		return invalid("Regular expression '%s' is not valid: %s", text, err)
	}
	return nil
}

func routeTransforms(transforms []elbv2api.RuleTransform) (out []route.Transform) {
	for _, t := range transforms {
		r := rewritesOf(t)[0] // checked when it was set
		out = append(out, route.Transform{Kind: route.TransformKind(*t.Type), Regex: *r.Regex, Replace: *r.Replace})
	}
	return out
}
