package s3

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"apex/internal/api"
	"apex/internal/dataplane/objects"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the buckets of all accounts.
type Service struct {
	env     service.Env
	store   *store.Store
	objects *objects.Store
	log     *slog.Logger
	now     func() time.Time
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{env: env, store: env.Store, objects: env.Objects, log: env.Log, now: env.Now}
}

// Routes tells which operations are served, for docs/support.md. Requests come in
// by a Door.
func (s *Service) Routes() []api.Route {
	var routes []api.Route
	for _, op := range operations {
		routes = append(routes, api.Route{Info: op.info(), Support: op.grade(), Note: op.note})
	}
	return routes
}

// Authorize answers an error if the caller may not act on the resources of the
// input, which is an [Access].
type Authorize func(ctx context.Context, call *api.Call, in any) error

// Access is the input that a call is decided on.
type Access struct{ Resources []string } // ARNs

// A Door serves S3's requests once their signature was found right.
type Door struct {
	*Service
	authorize Authorize
}

// Door returns what the endpoint hands requests to.
func (s *Service) Door(authorize Authorize) *Door { return &Door{s, authorize} }

// Serve answers a request.
func (d *Door) Serve(w http.ResponseWriter, r *http.Request, call *api.Call) {
	req, err := d.read(w, r, call)
	if err == nil {
		err = req.serve()
	}
	if err != nil {
		d.fail(w, r, call, err)
	}
}

// serviceInfo describes S3 as its model does.
var serviceInfo = &api.Service{
	Name: "s3", ServiceID: "S3", SigningName: "s3", EndpointPrefix: "s3", Version: "2006-03-01",
	Protocol: api.RestXML, XMLNamespace: namespace,
}

// Operations are all operations of S3 that docs/support.md tells of.
func Operations() []api.OperationInfo {
	var all []api.OperationInfo
	for _, op := range operations {
		all = append(all, op.info())
	}
	for _, name := range missing {
		all = append(all, api.OperationInfo{Service: serviceInfo, Name: name})
	}
	return all
}

// missing are the operations of S3's model (2006-03-01) that are not served.
var missing = []string{
	"CreateSession", "GetObjectTorrent", "ListDirectoryBuckets", "RestoreObject", "SelectObjectContent", "WriteGetObjectResponse",
}
