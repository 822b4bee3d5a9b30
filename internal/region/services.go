package region

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/controller"
	"apex/internal/dataplane/objects"
	"apex/internal/dataplane/registry"
	"apex/internal/dataplane/series"
	"apex/internal/endpoint"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/service/acm"
	"apex/internal/service/autoscaling"
	"apex/internal/service/cloudfront"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ec2"
	"apex/internal/service/ecr"
	"apex/internal/service/ecs"
	"apex/internal/service/elasticache"
	"apex/internal/service/elbv2"
	"apex/internal/service/events"
	"apex/internal/service/iam"
	"apex/internal/service/kms"
	"apex/internal/service/logs"
	"apex/internal/service/rds"
	"apex/internal/service/route53"
	"apex/internal/service/s3"
	"apex/internal/service/scheduler"
	"apex/internal/service/secretsmanager"
	"apex/internal/service/servicediscovery"
	"apex/internal/service/sns"
	"apex/internal/service/sqs"
	"apex/internal/service/ssm"
	"apex/internal/service/sts"
	"apex/internal/service/target"
	"apex/internal/service/wafv2"
	"apex/internal/service/xray"
	"apex/internal/store"
)

// Version is the binary's version; the linker sets it.
var Version = "unknown"

// tables are all tables of all services.
func tables() []store.AnyTable {
	return slices.Concat(
		iam.Tables(), sts.Tables(), kms.Tables(), ssm.Tables(), secretsmanager.Tables(), logs.Tables(), ecr.Tables(), ec2.Tables(),
		acm.Tables(), elbv2.Tables(), rds.Tables(), elasticache.Tables(), ecs.Tables(), autoscaling.Tables(), s3.Tables(),
		sns.Tables(), sqs.Tables(), cloudwatch.Tables(),
		target.Tables(), scheduler.Tables(), events.Tables(), wafv2.Tables(), xray.Tables(),
		route53.Tables(), cloudfront.Tables(),
		servicediscovery.Tables(),
	)
}

// A part is a service as the region sees it.
type part interface {
	Routes() []api.Route
	Controllers() []controller.Controller
}

// A stopper runs a data plane that can be stopped and cleared.
type stopper interface {
	Stop(context.Context) error
}

// A resetter keeps in its statuses what a stopped data plane makes untrue.
type resetter interface {
	Reset(*store.Tx)
}

// parts are what a region is made of.
type parts struct {
	store       *store.Store
	metrics     *series.Store
	objects     *objects.Store
	routes      []api.Route
	controllers []controller.Controller
	stoppers    []stopper // in the order in which they build upon each other
	resetters   []resetter
	endpoint    http.Handler
	metadata    http.Handler
}

// build puts a region together: the environment, the services in the order in
// which they build upon each other, and the endpoint in front of them.
func build(home Home, log *slog.Logger) (*parts, error) {
	env, err := surroundings(home, log)
	if err != nil {
		return nil, err
	}
	blobs, err := registry.OpenBlobs(home.path("registry"))
	if err != nil {
		return nil, err
	}
	identity := iam.New(env, finders())
	env.Access = identity.Allowed
	inside := &endpoint.Inside{Authorize: identity.Authorize, Now: env.Now}
	env.Invoke = inside.Invoke
	images := ecr.New(env, blobs)
	tasks := ecs.New(env, blobs)
	buckets := s3.New(env)
	topics := sns.New(env)
	p := &parts{store: env.Store, metrics: env.Metrics, objects: env.Objects, metadata: tasks.Metadata()}
	for _, s := range []part{
		identity, sts.New(env), kms.New(env), ssm.New(env), secretsmanager.New(env), logs.New(env), images, ec2.New(env),
		acm.New(env, elbv2.CertificateUsers), elbv2.New(env), rds.New(env), elasticache.New(env), tasks, autoscaling.New(env), buckets,
		topics, sqs.New(env), cloudwatch.New(env),
		target.New(env), scheduler.New(env), events.New(env), wafv2.New(env), xray.New(env),
		route53.New(env), cloudfront.New(env),
		servicediscovery.New(env),
	} {
		p.routes = append(p.routes, s.Routes()...)
		p.controllers = append(p.controllers, s.Controllers()...)
		if stops, ok := s.(stopper); ok {
			p.stoppers = append(p.stoppers, stops)
		}
		if resets, ok := s.(resetter); ok {
			p.resetters = append(p.resetters, resets)
		}
	}
	inside.Routes = p.routes
	p.endpoint = endpoint.New(endpoint.Config{
		Routes: p.routes, Credentials: credentialsOf(env), Authorize: identity.Authorize,
		Pages:    topics.Pages(),
		Registry: images.Registry(identity.Authorize), Objects: buckets.Door(identity.Authorize),
		Sessions: tasks.Sessions(), SessionsPath: ecs.SessionsPath, Region: home.Region, Version: Version, Now: env.Now, Log: log,
	})
	if err := endpoint.WriteClientData(home.path("aws"), home.Endpoint(), p.routes); err != nil {
		return nil, err
	}
	return p, administrator(home, identity, env)
}

// finders tell IAM of the resources of the other services: their policies and tags.
func finders() map[string]service.Finder {
	return map[string]service.Finder{
		"secretsmanager": secretsmanager.Find, "sns": sns.Find, "sqs": sqs.Find, "events": events.Find, "wafv2": wafv2.Find, "xray": xray.Find, "ecr": ecr.Find, "s3": s3.Find,
		"kms": kms.Find, "ssm": ssm.Find,
		"ec2": ec2.Find, "elasticloadbalancing": elbv2.Find, "ecs": ecs.Find, "rds": rds.Find, "elasticache": elasticache.Find,
	}
}

// surroundings opens what every service is given.
func surroundings(home Home, log *slog.Logger) (service.Env, error) {
	env := service.Env{
		Log: log, Profile: home.timings(), Now: time.Now, Home: home.Dir, Hash: home.Hash(),
		Account: home.Account, Region: home.Region,
		Port: home.Port, HTTPPort: home.HTTPPort, HTTPSPort: home.HTTPSPort,
	}
	for _, dir := range []string{"run", "keys", "store"} {
		if err := os.MkdirAll(filepath.Join(home.Dir, dir), 0o700); err != nil {
			return env, fmt.Errorf("make the home directory: %w", err)
		}
	}
	var err error
	if env.Executable, err = os.Executable(); err != nil {
		return env, err
	}
	if env.TaskExecutable, err = home.taskExecutable(env.Executable); err != nil {
		return env, err
	}
	if env.Sealer, err = seal.Open(home.path("keys")); err != nil {
		return env, err
	}
	if env.Metrics, err = series.Open(home.path("metrics")); err != nil {
		return env, err
	}
	if env.Objects, err = objects.Open(home.path("objects")); err != nil {
		return env, err
	}
	env.Store, err = store.Open(home.path("store", "region.db"), tables()...)
	return env, err
}

// credentialsOf finds access keys: lasting ones of users, and those of sessions.
func credentialsOf(env service.Env) func(string) (api.Credential, bool) {
	return func(id string) (api.Credential, bool) {
		snap := env.Store.Snapshot()
		if c, ok := sts.Lookup(snap, env.Sealer, id); ok {
			return c, true
		}
		return iam.Lookup(snap, env.Sealer, id)
	}
}

// administrator makes the administrator's key at the first start and leaves it
// where the CLI finds it.
func administrator(home Home, identity *iam.Service, env service.Env) error {
	id, secret, err := identity.Bootstrap(context.Background(), home.Account, env.Now())
	if err != nil {
		return fmt.Errorf("make the administrator's key: %w", err)
	}
	return home.writeCredentials(Credentials{
		AccessKeyID: id, SecretAccessKey: secret, Region: home.Region, Account: home.Account, Endpoint: home.Endpoint(),
	})
}
