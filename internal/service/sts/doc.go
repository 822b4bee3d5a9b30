// Package sts is the Security Token Service: it tells callers who they are and
// gives them roles for a time. Its sessions belong to an account and to no
// region.
package sts
