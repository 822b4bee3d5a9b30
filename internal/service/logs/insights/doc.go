// Package insights is the query language of CloudWatch Logs Insights.
//
//	fields @timestamp, level, took / 1000 as seconds
//	| filter level = "error" and path like /^\/api/
//	| parse @message "user=* id=*" as user, id
//	| stats count(*) as n, pct(took, 99) by bin(5m), user
//	| sort n desc
//	| limit 20
//
// [Parse] makes a query out; [Query.Run] runs it over the chunks of log streams,
// on all processors, in memory that does not grow with the logs: what streams
// (fields, filter, parse) is done event by event, stats keep one state for each
// group, and of what is only sorted the best rows alone are kept. Members of JSON
// messages are found where they lie.
//
// Not built: pattern, diff, anomaly, unnest, unmask, filterIndex, lookup, join,
// SOURCE. They are refused by name.
package insights
