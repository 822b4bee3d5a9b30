// Package metricmath reads and computes CloudWatch's metric math: expressions
// over time series, such as
//
//	IF(m1 > 100, RATE(m2), 0) + SUM(METRICS("cpu"))
//
// A value is a scalar, a time series, an array of time series, or a string. An
// operator between two series keeps the times that both have; between a series
// and a scalar, or an array and either, it works on each.
package metricmath
