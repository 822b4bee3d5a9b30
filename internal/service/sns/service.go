package sns

import (
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"apex/internal/api"
	"apex/internal/api/snsapi"
	"apex/internal/dataplane/series"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the topics of all scopes.
type Service struct {
	store   *store.Store
	metrics *series.Store
	profile service.Profile
	log     *slog.Logger
	now     func() time.Time
	home    string
	base    string // the endpoint's URL, for those that messages name
	client  *http.Client
	signer  *signer
	allowed service.Access
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{
		store: env.Store, metrics: env.Metrics, profile: env.Profile, log: env.Log, now: env.Now, home: env.Home,
		base:    fmt.Sprintf("http://127.0.0.1:%d", env.Port),
		allowed: env.Allowed,
		signer:  &signer{dir: filepath.Join(env.Home, "sns"), sealer: env.Sealer},
		client:  &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// Pages are what is served without a signature: the certificate that messages are
// signed with.
func (s *Service) Pages() map[string]http.Handler {
	return map[string]http.Handler{certificatePath: s.signer}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		snsapi.ConfirmSubscription.Handle(s.confirmSubscription),
		snsapi.CreateTopic.Handle(s.createTopic).Limited("no FIFO topics, no encryption; the access policy is kept and given back"),
		snsapi.DeleteTopic.Handle(s.deleteTopic),
		snsapi.GetSubscriptionAttributes.Handle(s.getSubscriptionAttributes),
		snsapi.GetTopicAttributes.Handle(s.getTopicAttributes),
		snsapi.ListSubscriptions.Handle(s.listSubscriptions),
		snsapi.ListSubscriptionsByTopic.Handle(s.listSubscriptionsByTopic),
		snsapi.ListTagsForResource.Handle(s.listTagsForResource),
		snsapi.ListTopics.Handle(s.listTopics),
		snsapi.Publish.Handle(s.publish).Limited("to topics"),
		snsapi.PublishBatch.Handle(s.publishBatch),
		snsapi.SetSubscriptionAttributes.Handle(s.setSubscriptionAttributes),
		snsapi.SetTopicAttributes.Handle(s.setTopicAttributes).Limited("feedback roles are kept and given back"),
		snsapi.Subscribe.Handle(s.subscribe).Limited("http, https, sqs, email and email-json; mail is written to $APEX_HOME/inbox/<address>"),
		snsapi.TagResource.Handle(s.tagResource),
		snsapi.Unsubscribe.Handle(s.unsubscribe),
		snsapi.UntagResource.Handle(s.untagResource),
	}
}
