// Package cloudfront keeps Amazon CloudFront's resources: distributions, policies,
// origin access, functions, keys, invalidations.
//
// All of it is stored only: nothing answers at a distribution's domain name. The
// API is held to AWS's rules (what a distribution refers to must be there, what is
// used cannot be deleted, versions by ETag), so that a configuration which passes
// here passes there.
package cloudfront
