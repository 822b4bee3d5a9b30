// Package monitoring shows figures, alarms and notices on a real region: put by
// one client, read by others in every protocol, told to an HTTP endpoint, and kept
// over a kill of the region at any moment.
package monitoring
