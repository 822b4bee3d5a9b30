// Package series keeps figures over time: for each series slots of a fixed
// length, each with the count, sum, least and greatest of its samples, and their
// distribution for percentiles.
package series
