package ecr

import (
	"context"
	"slices"
	"time"

	"apex/internal/controller"
	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

const (
	// resync is how often ages are looked at and content is swept.
	resync = time.Hour
	// grace is how long content may wait for a manifest that names it.
	grace = time.Hour
)

// Controllers returns what keeps the service's resources true.
func (s *Service) Controllers() []controller.Controller {
	ownerOf := func(key string) []string {
		i := slices.IndexFunc([]byte(key), func(c byte) bool { return c == '@' || c == '#' })
		return []string{key[:max(i, 0)]}
	}
	return []controller.Controller{controller.New(controller.Spec[Repository, RepositoryStatus]{
		Name: "ecr/repository", Table: Repositories, Every: resync,
		Status:    func(o *Repository) *RepositoryStatus { return &o.Status },
		Reconcile: s.reconcile,
		Watch: []controller.Trigger{
			controller.On(Images, func(_ store.Snapshot, key string) []string { return ownerOf(key) }),
		},
	})}
}

// reconcile expires a repository's images and drops what nothing names.
func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (RepositoryStatus, error) {
	repository, ok := Repositories.Get(snap, key)
	if ok {
		if err := s.prune(ctx, key); err != nil {
			return repository.Status, err
		}
		expired, err := s.applyLifecycle(ctx, key)
		if err != nil {
			return repository.Status, err
		}
		if expired > 0 {
			repository.Status.Evaluated = s.now()
		}
	}
	return repository.Status, s.sweep()
}

// applyLifecycle deletes the images that the repository's policy expires.
func (s *Service) applyLifecycle(ctx context.Context, key string) (expired int, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		repository, ok := Repositories.Get(tx, key)
		if !ok || repository.Spec.Lifecycle == "" {
			return nil
		}
		rules, err := parseLifecycle(repository.Spec.Lifecycle)
		if err != nil {
			return err
		}
		for _, e := range planExpiry(rules, imagesOf(tx, key), s.now()) {
			Images.Delete(tx, e.image.Key)
			expired++
		}
		return nil
	})
	if expired > 0 && err == nil {
		s.log.InfoContext(ctx, "images expired", "repository", key, "images", expired)
	}
	return expired, err
}

// prune drops a repository's blobs that no image has had for a while.
func (s *Service) prune(ctx context.Context, key string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		used := map[registry.Digest]bool{}
		for _, image := range Images.Prefix(tx, key+"@") {
			for _, d := range image.Spec.Blobs {
				used[d] = true
			}
		}
		var unused []string
		for k, layer := range Layers.Prefix(tx, key+"#") {
			if !used[layer.Spec.Digest] && s.now().Sub(layer.Spec.Uploaded) > grace {
				unused = append(unused, k)
			}
		}
		for _, k := range unused {
			Layers.Delete(tx, k)
		}
		return nil
	})
}

// sweep deletes content that no row names, once in a while. Young content may
// belong to a push that is under way.
func (s *Service) sweep() error {
	now, last := s.now(), s.swept.Load()
	if now.Sub(time.Unix(last, 0)) < resync || !s.swept.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	wanted, snap := map[registry.Digest]bool{}, s.store.Snapshot()
	for _, layer := range Layers.All(snap) {
		wanted[layer.Spec.Digest] = true
	}
	for _, image := range Images.All(snap) {
		wanted[image.Spec.Digest] = true
	}
	_, err := s.blobs.Sweep(now.Add(-grace), func(d registry.Digest) bool { return wanted[d] })
	return err
}
