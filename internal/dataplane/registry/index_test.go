package registry

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// mapIndex is an Index in memory with a fixed set of repositories.
type mapIndex struct {
	mu    sync.Mutex
	repos map[string]*mapRepo
}

type mapRepo struct {
	blobs     map[Digest]bool
	manifests map[Digest]Manifest
	tags      map[string]Digest
}

func newMapIndex(repositories ...string) *mapIndex {
	x := &mapIndex{repos: map[string]*mapRepo{}}
	for _, name := range repositories {
		x.repos[name] = &mapRepo{map[Digest]bool{}, map[Digest]Manifest{}, map[string]Digest{}}
	}
	return x
}

// in runs fn on a repository.
func (x *mapIndex) in(name string, fn func(*mapRepo) error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	repo, ok := x.repos[name]
	if !ok {
		return ErrNameUnknown
	}
	return fn(repo)
}

func (x *mapIndex) HasBlob(_ context.Context, name string, d Digest) (has bool, err error) {
	err = x.in(name, func(r *mapRepo) error { has = r.blobs[d]; return nil })
	return has, err
}

func (x *mapIndex) AddBlob(_ context.Context, name string, d Digest, _ int64) error {
	return x.in(name, func(r *mapRepo) error { r.blobs[d] = true; return nil })
}

func (x *mapIndex) Manifest(_ context.Context, name, reference string) (found Descriptor, err error) {
	err = x.in(name, func(r *mapRepo) error {
		d, ok := r.tags[reference]
		if !ok {
			d = Digest(reference)
		}
		m, ok := r.manifests[d]
		if !ok {
			return ErrManifestUnknown
		}
		found = m.Descriptor
		return nil
	})
	return found, err
}

func (x *mapIndex) PutManifest(_ context.Context, name, tag string, m Manifest) error {
	return x.in(name, func(r *mapRepo) error {
		r.manifests[m.Digest] = m
		if tag != "" {
			r.tags[tag] = m.Digest
		}
		return nil
	})
}

func (x *mapIndex) DeleteManifest(_ context.Context, name, reference string) error {
	return x.in(name, func(r *mapRepo) error {
		if _, ok := r.tags[reference]; ok {
			delete(r.tags, reference)
			return nil
		}
		if _, ok := r.manifests[Digest(reference)]; !ok {
			return ErrManifestUnknown
		}
		delete(r.manifests, Digest(reference))
		maps.DeleteFunc(r.tags, func(_ string, d Digest) bool { return string(d) == reference })
		return nil
	})
}

func (x *mapIndex) Tags(_ context.Context, name string) (tags []string, err error) {
	err = x.in(name, func(r *mapRepo) error { tags = slices.Sorted(maps.Keys(r.tags)); return nil })
	return tags, err
}

func (x *mapIndex) Referrers(_ context.Context, name string, d Digest) (all []Descriptor, err error) {
	err = x.in(name, func(r *mapRepo) error {
		for _, m := range r.manifests {
			if m.Subject == d {
				all = append(all, m.Descriptor)
			}
		}
		return nil
	})
	return all, err
}
