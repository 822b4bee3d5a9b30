// Package deploy shows deployments on a real region under open-loop load: broken
// versions, rollbacks, blue/green and canary, and counts the requests that
// failed.
package deploy
