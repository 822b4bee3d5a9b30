// Package ssm serves the Parameter Store of AWS Systems Manager: parameters with
// versions and labels. SecureStrings are encrypted under a KMS key. Nothing else
// of Systems Manager is built.
package ssm

import (
	"slices"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// Parameters holds all parameters, by scope and name.
var Parameters = store.NewTable("ssm.parameters", func(p *Parameter) string { return p.Key })

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Parameters} }

const signingName = "ssm"

// A Parameter is a named value with its older versions.
type Parameter struct {
	Key    string // scope and name
	Spec   ParameterSpec
	Status struct{}
}

// A ParameterSpec is what the API says of a parameter.
type ParameterSpec struct {
	Name     string // as given: "/app/url" or "url"
	Tags     tag.Tags
	Versions []Version // oldest first
}

// A Version is one value of a parameter.
type Version struct {
	Number      int64
	Type        string // String, StringList or SecureString
	Value       string // of the types that are not secret
	Sealed      []byte // of a SecureString: encrypted by KMS
	KeyID       string // of a SecureString, as given
	Description string
	Pattern     string
	Tier        string
	Policies    string // JSON, or empty
	DataType    string
	Labels      []string
	Modified    time.Time
	User        string // the ARN of who put it
}

// ARN returns the parameter's name in the world.
func (p *Parameter) ARN() string {
	scope, name := arn.SplitKey(p.Key)
	return scope.ARN(signingName, "parameter/"+strings.TrimPrefix(name, "/"))
}

// latest returns the version that counts; a parameter always has one.
func (p *Parameter) latest() *Version { return &p.Spec.Versions[len(p.Spec.Versions)-1] }

// byNumber returns the index of a version, or -1.
func (p *Parameter) byNumber(number int64) int {
	return slices.IndexFunc(p.Spec.Versions, func(v Version) bool { return v.Number == number })
}

// byLabel returns the index of the version that has a label, or -1.
func (p *Parameter) byLabel(label string) int {
	return slices.IndexFunc(p.Spec.Versions, func(v Version) bool { return slices.Contains(v.Labels, label) })
}
