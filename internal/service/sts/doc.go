// Package sts is the Security Token Service: it tells callers who they are and
// gives them roles for a time. A session is a row with an access key of its own;
// it ends when its time is up, and at once when its role or user is deleted.
package sts
