// Package access says which statement of which policy decides whether somebody
// may do something. It asks the AWS API alone, so that it works on AWS as here.
package access
