// Package events tells a story of schedules, rules, topics and queues in a region,
// asks the services of events, schedules, queues, firewalls and traces through the
// command line, and holds how CloudFormation is refused.
package events
