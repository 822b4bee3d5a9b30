// Package buckets holds the story of S3 as its users meet it: the AWS CLI against
// a real region.
package buckets
