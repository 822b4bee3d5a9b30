// Package policy is the IAM policy language: it reads policy documents and
// decides what they allow. It is pure: a decision depends on the documents and
// the request alone. Source: IAM user guide, "Policy evaluation logic" and "IAM
// JSON policy elements reference".
package policy
