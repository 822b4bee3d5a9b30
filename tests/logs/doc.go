// Package logs shows CloudWatch Logs on a real region: lines as they happen, in
// the real AWS CLI, metrics and alarms of lines, retention, and that a kill of the
// region loses nothing and counts nothing twice.
package logs
