package ecr

import (
	"apex/internal/api/ecrapi"
	"apex/internal/store"
)

// What belongs to a whole registry: its settings by scope, rules and templates by
// scope and prefix. They are kept and given back as they were put.
var (
	Registries = store.NewTable("ecr.registries", func(r *Registry) string { return r.Key })
	CacheRules = store.NewTable("ecr.cacherules", func(r *CacheRule) string { return r.Key })
	Templates  = store.NewTable("ecr.templates", func(t *Template) string { return t.Key })
)

// A Registry is what is set for all repositories of a scope.
type Registry struct {
	Key  string
	Spec RegistrySpec
}

// A RegistrySpec is what the API says of a registry.
type RegistrySpec struct {
	Policy      string
	Scanning    *ecrapi.RegistryScanningConfiguration
	Replication *ecrapi.ReplicationConfiguration
}

// A CacheRule names another registry whose images are to be pulled through.
type CacheRule struct {
	Key  string
	Spec ecrapi.PullThroughCacheRule
}

// A Template says how repositories are to be made that nobody makes.
type Template struct {
	Key  string
	Spec ecrapi.RepositoryCreationTemplate
}
