package elasticache

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/redis"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// startTimeout bounds one try to bring a server up; loading a large file may take
// long.
const startTimeout = 2 * time.Minute

// Controllers returns what runs the servers.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{s.snapshotController(), controller.New(controller.Spec[Cache, CacheStatus]{
		Name: "elasticache/cache", Table: Caches, Status: func(c *Cache) *CacheStatus { return &c.Status },
		Start: s.stopStrangers, Reconcile: s.reconcile, Every: 5 * time.Second, Workers: 4,
		Watch: []controller.Trigger{
			controller.On(ec2.NetworkInterfaces, cachesWhere(func(c Cache, id string) bool { return c.Spec.InterfaceID == id })),
			controller.On(Users, withUsers), controller.On(UserGroups, withUsers),
			controller.On(Snapshots, cachesWhere(func(c Cache, id string) bool { return c.Spec.FinalSnapshot == id })),
			controller.On(ParameterGroups, cachesWhere(func(c Cache, id string) bool { return c.Spec.ParameterGroup == id })),
		},
	})}
}

// withUsers returns the caches that have users of their own.
func withUsers(snap store.Snapshot, key string) []string {
	return cachesWhere(func(c Cache, _ string) bool { return len(c.Spec.UserGroups) > 0 })(snap, key)
}

// cachesWhere returns the caches that another object concerns.
func cachesWhere(concerned func(c Cache, id string) bool) func(store.Snapshot, string) []string {
	return func(snap store.Snapshot, key string) (keys []string) {
		scope, id := arn.SplitKey(key)
		for key, c := range Caches.Prefix(snap, scope.Prefix()) {
			if concerned(c, id) {
				keys = append(keys, key)
			}
		}
		return keys
	}
}

// stopStrangers ends servers that no cache names. Their data stays: a row goes
// only after its directory, so that this is no work of ours.
func (s *Service) stopStrangers(ctx context.Context, snap store.Snapshot) error {
	known := map[string]bool{}
	for _, c := range Caches.All(snap) {
		known[s.dir(c)] = true
	}
	dirs, err := filepath.Glob(filepath.Join(s.env.Home, "elasticache", "*"))
	for _, dir := range dirs {
		if !known[dir] {
			s.env.Log.WarnContext(ctx, "stop server of no cache", "dir", filepath.Base(dir))
			err = errors.Join(err, redis.Stop(ctx, dir))
		}
	}
	return err
}

func (s *Service) dir(c Cache) string { return Dir(s.env.Home, c.ARN()) }

func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (CacheStatus, error) {
	c, ok := Caches.Get(snap, key)
	if !ok {
		return CacheStatus{}, nil
	}
	c.Spec = c.Spec.at(s.env.Now())
	scope, _ := arn.SplitKey(key)
	if c.Spec.Deleted && c.Spec.FinalSnapshot != "" && !snapshotDone(snap, scope, c.Spec.FinalSnapshot) {
		return c.Status, nil // the snapshot's change brings us back
	}
	if c.Spec.Deleted {
		return c.Status, s.tearDown(ctx, c)
	}
	st, err := s.serve(ctx, snap, c)
	st.Fault, st.Failed = "", errors.Is(err, redis.ErrMissing)
	if err != nil {
		st.Ready, st.Fault = false, err.Error()
	}
	return st, err
}

// tearDown takes away all that the cache has, and then the row.
func (s *Service) tearDown(ctx context.Context, c Cache) error {
	if err := redis.Remove(ctx, s.dir(c)); err != nil {
		return fmt.Errorf("remove server: %w", err)
	}
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		scope, _ := arn.SplitKey(c.Key)
		deleteNames(tx, c)
		ec2.ReleaseInterface(tx, scope, c.Spec.InterfaceID)
		return nil
	})
	if err != nil {
		return fmt.Errorf("release what the cache used: %w", err)
	}
	return controller.Remove
}

// serve brings the server up, as the spec says, and looks at it.
func (s *Service) serve(ctx context.Context, snap store.Snapshot, c Cache) (CacheStatus, error) {
	st := c.Status
	scope, _ := arn.SplitKey(c.Key)
	eni, ok := ec2.NetworkInterfaces.Get(snap, scope.Key(c.Spec.InterfaceID))
	if !ok {
		return st, fmt.Errorf("interface %s: it is gone", c.Spec.InterfaceID)
	}
	if !eni.Status.Ready {
		return st, nil // the interface's change brings us back
	}
	engine, err := s.findEngine(ctx)
	if err != nil {
		return st, err
	}
	cfg, err := s.config(snap, c, eni, engine)
	if err != nil {
		return st, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if st.Created && st.Reboots != c.Spec.Reboots {
		if err := redis.Stop(ctx, cfg.Dir); err != nil {
			return st, fmt.Errorf("stop server: %w", err)
		}
	}
	if err := redis.Apply(ctx, cfg); err != nil {
		return st, err
	}
	seen, err := redis.Observe(ctx, cfg.Dir)
	st.Created, st.Ready, st.Engine = true, seen.Ready, engine.String()
	st.Change, st.Reboots = c.Spec.Change, c.Spec.Reboots
	if st.Ready {
		s.measure(ctx, c)
	}
	return st, err
}

// config is the data plane's view of a cache.
func (s *Service) config(r store.Reader, c Cache, eni ec2.NetworkInterface, engine redis.Engine) (redis.Config, error) {
	scope, _ := arn.SplitKey(c.Key)
	g, err := findParameterGroup(r, scope, c.Spec.ParameterGroup)
	if err != nil {
		return redis.Config{}, err
	}
	node, err := findNodeType(c.Spec.NodeType)
	if err != nil {
		return redis.Config{}, err
	}
	cfg := redis.Config{
		Dir: s.dir(c), Executable: s.env.Executable, Engine: engine,
		Namespace: eni.Status.Namespace, Address: eni.Spec.PrivateIP, Port: int(c.Spec.Port), Users: usersOf(r, scope, c.Spec),
	}
	if c.Spec.Restore != "" && !c.Status.Created {
		cfg.From = backupFile(s.env.Home, c.Spec.Restore)
	}
	cfg.Parameters, cfg.MaxMemory = settingsOf(g.Spec.Values, node.memory)
	for _, sealed := range c.Spec.Tokens {
		token, err := s.env.Sealer.Open(sealed, []byte(c.Key))
		if err != nil {
			return redis.Config{}, fmt.Errorf("auth token: %w", err)
		}
		cfg.Passwords = append(cfg.Passwords, string(token))
	}
	return cfg, nil
}

// findEngine returns the machine's server; it is looked for until it is found.
func (s *Service) findEngine(ctx context.Context) (redis.Engine, error) {
	if e := s.engine.Load(); e != nil {
		return *e, nil
	}
	e, err := redis.FindEngine(ctx)
	if err == nil {
		s.engine.Store(&e)
	}
	return e, err
}
