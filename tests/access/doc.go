// Package access holds the stories of permissions: what the roles that apex.yaml
// makes may do is just what they need, and a task can do no more with its role.
package access
