package ecr

import (
	"strings"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a repository.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	repository, _ := strings.CutPrefix(name.Resource, "repository/")
	own, ok := Repositories.Get(r, name.Scope().Key(repository))
	return service.Resource{Policy: own.Spec.Policy, Tags: own.Spec.Tags}, ok
}

// RepositoryARN names a repository.
func RepositoryARN(scope arn.Scope, name string) string { return scope.ARN("ecr", "repository/"+name) }
