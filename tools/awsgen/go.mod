module apex/tools/awsgen

go 1.26.0

require (
	github.com/aws/aws-sdk-go v1.55.8
	github.com/goccy/go-yaml v1.19.2
	github.com/google/go-cmp v0.7.0
)

require github.com/jmespath/go-jmespath v0.4.0 // indirect
